// Which runners take no builds at present, and why, as they say themselves when they come to claim: for
// `kiln status`. Owned by app, shared by the runner's routes and the status; any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace kiln::api {

class RunnerNotes {
 public:
  explicit RunnerNotes(const Clock& clock) : clock_(clock) {}

  // A runner came to claim; `paused`: why it takes nothing, empty when it does.
  void heard(const std::string& runner_id, const std::string& paused);

  // Runner → why. A runner that has not repeated it for half a minute is gone, and its reason with it.
  [[nodiscard]] std::map<std::string, std::string> paused() const;

 private:
  struct Note {
    std::string why;
    std::int64_t heard_ms = 0;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Note> notes_;
};

}  // namespace kiln::api
