// What is noted of a delivery while it is taken in, or refused: the values that the store keeps beside the
// builds. Pure but for `name_of`; one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "model/delivery.h"
#include "model/scm_event.h"
#include "model/trigger.h"
#include "queue/match.h"

namespace kiln::queue {

// A delivery of this connection that begins now, without refs and verdicts.
[[nodiscard]] model::Delivery delivery_of(const model::RepoConnection& connection,
                                          const model::DeliveryOrigin& origin, const Uuid& uuid, TimeMs now);

// As a delivery keeps it: fit to be shown, and no longer than it may be.
[[nodiscard]] model::DeliveryRef kept_ref(const std::string& ref, const std::string& branch,
                                          const std::string& before, const std::string& after);
void add_ref(model::Delivery& delivery, model::DeliveryRef ref);
void add_note(model::Delivery& delivery, const std::string& note);

// Collects the verdicts of one delivery. The name of a Worker is asked for once.
class Verdicts {
 public:
  using NameOf = std::function<std::string(const model::Trigger&)>;
  explicit Verdicts(NameOf name_of) : name_of_(std::move(name_of)) {}

  // Of a build that was made, or of a trigger that passes over.
  void add(const Match& match, const model::PushEvent& push, const std::optional<Uuid>& build = std::nullopt);
  [[nodiscard]] const std::string& name_of(const model::Trigger& trigger);
  // All so far, without those beyond model::kMostPassedOverKept.
  [[nodiscard]] std::vector<model::Verdict> take() { return std::move(verdicts_); }

 private:
  NameOf name_of_;
  std::map<std::string, std::string> names_;  // by tag
  std::vector<model::Verdict> verdicts_;
  std::size_t passed_over_ = 0;
};

}  // namespace kiln::queue
