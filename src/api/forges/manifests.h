// Apps that are being made: from the link that a person was given to the host's answer. In memory, an hour
// long; whoever begins again after a restart loses a click. Safe from any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/ids.h"

namespace kiln::api {

struct PendingApp {
  std::string account_id;
  std::string provider;
  std::string web_url;
  std::string api_url;
  std::string organization;
  std::string name;
  std::string ca;
  TimeMs until = 0;
  std::optional<Uuid> made;  // the forge, once the host has made the App
  std::string problem;       // why it was not set up; empty: nothing went wrong yet
};

class PendingApps {
 public:
  PendingApps(const Clock& clock, Entropy& entropy) : clock_(clock), entropy_(entropy) {}

  // Returns the state by which it is known, 256 random bits as text.
  [[nodiscard]] std::string begin(PendingApp app);
  // Nothing for one that is unknown or over.
  [[nodiscard]] std::optional<PendingApp> find(const std::string& state);
  void finish(const std::string& state, const Uuid& forge);
  void give_up(const std::string& state, const std::string& problem);

 private:
  void forget_old();

  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::map<std::string, PendingApp> apps_;
};

}  // namespace kiln::api
