// What a build's log says of its limits, and what the server is told. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/build.h"
#include "runner/sandbox/limits/limits.h"

namespace kiln::runner {

// One line for each limit that did something, with its figure.
[[nodiscard]] std::vector<std::string> harm_lines(const Harm& harm, const Limits& limits);
// Which limit ended the whole build ("memory limit of 8 GiB"); nothing when none did.
[[nodiscard]] std::optional<std::string> ended_by(const Harm& harm, const Limits& limits);
// "Used at most 312 MiB of memory and 23 processes, 4.1 s of CPU time; wrote 12 MiB." or nothing.
[[nodiscard]] std::optional<std::string> usage_line(const Usage& usage);
[[nodiscard]] model::BuildUsage to_tell(const Usage& usage);

}  // namespace kiln::runner
