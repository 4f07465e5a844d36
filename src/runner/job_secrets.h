// Which values of a job must never show in a log. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "model/job.h"

namespace kiln::runner {

[[nodiscard]] std::vector<std::string> secrets_of(const model::JobSpec& job);

}  // namespace kiln::runner
