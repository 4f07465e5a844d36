// A check of options that take a number. Internal to cli; any thread.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace kiln::cli {

// A whole number from `least` to `most`. Anything else is wrong usage, in the words "`what` is a number from
// `least`"; of one that is too large, with " to `most`".
[[nodiscard]] CLI::Validator whole_number(std::string what, std::int64_t least, std::int64_t most);

}  // namespace kiln::cli
