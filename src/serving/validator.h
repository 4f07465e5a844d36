// Starts an upload once in a throw-away process without a network, and says what the runtime said.
//
// Owned by app. validate() blocks its thread and may be called from any; only so many run at once, the others
// wait. The calling thread forks, so it must live until validate() returns, which it does.
#pragma once

#include <atomic>
#include <filesystem>
#include <semaphore>

#include "serving/engine.h"
#include "workers/validator.h"

namespace kiln::serving {

class WorkerdValidator final : public workers::Validator {
 public:
  static constexpr int kAtOnce = 2;

  // `folder` is there, 0700, and the validator's alone.
  WorkerdValidator(Engine engine, std::filesystem::path folder)
      : engine_(std::move(engine)), folder_(std::move(folder)) {}

  [[nodiscard]] Result<int> validate(const workers::Candidate& candidate) override;

 private:
  Result<int> start_once(const workers::Candidate& candidate, int number);

  Engine engine_;
  std::filesystem::path folder_;
  std::counting_semaphore<kAtOnce> free_{kAtOnce};
  std::atomic<int> next_{0};
};

}  // namespace kiln::serving
