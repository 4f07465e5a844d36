// Whether the server can do its work: its disk has room, its database answers, its own runner starts.
// Strangers ask this as often as they like, so an answer is good for a second. Owned by the Service; any
// thread.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "api/runner/notes.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/account_store.h"

namespace kiln::app {

class Readiness {
 public:
  // `data`: the data directory. Everything passed by reference outlives it.
  Readiness(std::filesystem::path data, store::AccountStore& accounts, const api::RunnerNotes& notes,
            const Clock& clock)
      : data_(std::move(data)), accounts_(accounts), notes_(notes), clock_(clock) {}

  // The words of its errors are for strangers too: they name nothing of the machine.
  [[nodiscard]] Status ask();

 private:
  [[nodiscard]] Status look() const;

  const std::filesystem::path data_;
  store::AccountStore& accounts_;
  const api::RunnerNotes& notes_;
  const Clock& clock_;
  std::mutex mutex_;  // held while looking, so that who comes meanwhile gets the same answer
  std::optional<Status> last_;
  std::int64_t looked_ms_ = 0;
};

}  // namespace kiln::app
