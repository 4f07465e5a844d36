#include "queue/verdicts.h"

#include <utility>

#include "base/printable.h"

namespace kiln::queue {
namespace {

constexpr std::size_t kLongestRef = 600;  // bytes; "owner:branch" has up to 513
constexpr std::size_t kMostNotesKept = 100;

}  // namespace

model::Delivery delivery_of(const model::RepoConnection& connection, const model::DeliveryOrigin& origin,
                            const Uuid& uuid, TimeMs now) {
  model::Delivery delivery;
  delivery.uuid = uuid;
  delivery.account_id = connection.account_id;
  delivery.connection = connection.uuid;
  delivery.repo_name = printable(connection.repo_name);
  delivery.origin = origin;
  delivery.origin.provider_id = printable(origin.provider_id);
  delivery.origin.event = printable(origin.event);
  delivery.received_on = now;
  return delivery;
}

model::DeliveryRef kept_ref(const std::string& ref, const std::string& branch, const std::string& before,
                            const std::string& after) {
  return {printable(ref, kLongestRef), printable(branch, kLongestRef), printable(before), printable(after)};
}

void add_ref(model::Delivery& delivery, model::DeliveryRef ref) {
  if (delivery.refs.size() < model::kMostRefsKept) delivery.refs.push_back(std::move(ref));
}

void add_note(model::Delivery& delivery, const std::string& note) {
  if (delivery.notes.size() < kMostNotesKept)
    delivery.notes.push_back(printable(note, model::kLongestKeptText));
}

const std::string& Verdicts::name_of(const model::Trigger& trigger) {
  const auto known = names_.find(trigger.worker_tag);
  if (known != names_.end()) return known->second;
  return names_.emplace(trigger.worker_tag, name_of_(trigger)).first->second;
}

void Verdicts::add(const Match& match, const model::PushEvent& push, const std::optional<Uuid>& build) {
  if (match.decision == model::Decision::passed_over && passed_over_++ >= model::kMostPassedOverKept) return;
  const std::string branch = push.branch();
  verdicts_.push_back({match.trigger->uuid, printable(match.trigger->name), name_of(*match.trigger),
                       match.trigger->worker_tag, printable(branch.empty() ? push.ref : branch, kLongestRef),
                       printable(push.after), match.decision, printable(match.rule, model::kLongestKeptText),
                       build});
}

}  // namespace kiln::queue
