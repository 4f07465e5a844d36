// Starts an upload once in a throw-away process without a network, and says what the runtime said; asks the
// runtime the same way which compatibility flags it takes.
//
// Owned by app. validate() blocks its thread and may be called from any; only so many run at once, the others
// wait. The calling thread forks, so it must live until validate() returns, which it does.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <semaphore>
#include <set>
#include <string>
#include <vector>

#include "serving/engine.h"
#include "workers/validator.h"

namespace kiln::serving {

class WorkerdValidator final : public workers::Validator {
 public:
  static constexpr int kAtOnce = 2;

  // `folder` is there, 0700, and the validator's alone.
  WorkerdValidator(Engine engine, std::filesystem::path folder)
      : engine_(std::move(engine)), folder_(std::move(folder)) {}

  [[nodiscard]] Result<workers::Started> validate(const workers::Candidate& candidate) override;
  // Asks the runtime; what it took once is remembered.
  [[nodiscard]] Status check_compatibility(const std::string& date, const std::string& flags_json) override;

  // Whether the runtime starts a Worker of that compatibility date. Errors: Errc::script_invalid, it does
  // not; Errc::unavailable.
  [[nodiscard]] Status try_date(const std::string& date);

 private:
  // How long it took, and what it printed.
  struct Told {
    int ms = 0;
    std::string out;
  };
  Result<Told> start(const workers::Candidate& candidate, bool experimental);
  Result<Told> start_once(const workers::Candidate& candidate, int number, bool experimental);
  // Asks the program itself, in a start of its own; nothing of one that does not start.
  [[nodiscard]] std::vector<std::string> entrypoints_of(const workers::Candidate& candidate);
  // An empty Worker with these flags.
  Result<Told> start_empty(const std::string& date, const std::string& flags_json, bool experimental);
  [[nodiscard]] std::vector<std::string> experimental_among(const std::string& date,
                                                            const std::string& flags_json);

  Engine engine_;
  std::filesystem::path folder_;
  std::counting_semaphore<kAtOnce> free_{kAtOnce};
  std::atomic<int> next_{0};
  std::mutex mutex_;
  std::set<std::string> taken_;  // dates with flags that the runtime takes; under mutex_
};

}  // namespace kiln::serving
