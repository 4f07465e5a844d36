// Which runners take no builds at present, and why: as they say themselves when they come to claim, and as
// whoever keeps a runner's process saw it end. For readiness, `kiln status`, and those who wait for a build.
// Owned by app; any thread.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wire/runner_protocol.h"

namespace kiln::api {

class RunnerNotes {
 public:
  explicit RunnerNotes(const Clock& clock) : clock_(clock), begun_ms_(clock.monotonic_ms()) {}

  // Nobody is given a build until this is taken back.
  void drain(bool draining) { draining_ = draining; }
  [[nodiscard]] bool is_draining() const { return draining_; }

  // A runner called, whatever for.
  void called(std::string_view runner_id);
  // A runner came to claim.
  void heard(const wire::ClaimCall& call);

  // Of a runner that somebody keeps alive: its process has been started, and has ended (`how`: a sentence
  // for people). One that came for work in between is only started again; one that says that it cannot start,
  // or that ends twice before it has come, cannot.
  void started(const std::string& runner_id);
  void ended(const std::string& runner_id, const std::string& how);

  // Runner → why it takes nothing. A runner that has not repeated it for half a minute is gone, and its
  // reason with it, unless it is kept.
  [[nodiscard]] std::map<std::string, std::string> paused() const;
  // Every runner that has called or was started, by its id.
  struct Look {
    std::string id;
    std::string why;      // it takes no builds; empty: it does
    bool silent = false;  // it has not called for a while
  };
  [[nodiscard]] std::vector<Look> runners() const;
  // Why a runner that is kept cannot start; nothing when all do.
  [[nodiscard]] std::optional<std::string> cannot_start() const;
  // Why no runner takes builds: the server is being drained, those that there are have trouble, or none has
  // called for a while. Nothing when one does.
  [[nodiscard]] std::optional<std::string> nobody_takes() const;

 private:
  struct Note {
    std::string why;             // in its own words
    std::int64_t heard_ms = 0;   // the last time that it came for a build
    std::int64_t called_ms = 0;  // and for anything
    bool takes = false;          // the last time that it came
    bool kept = false;
    bool came = false;    // since it was started
    int ended_early = 0;  // times in a row, before it came
    std::int64_t started_ms = 0;
    std::string cannot_start;
  };
  [[nodiscard]] std::string trouble_of(const Note& note) const;
  [[nodiscard]] std::string start_trouble_of(const Note& note) const;

  const Clock& clock_;
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;
  const std::int64_t begun_ms_;
  std::map<std::string, Note, std::less<>> notes_;
};

}  // namespace kiln::api
