// Sizes as people write and read them. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln {

// "8GiB", "512 MiB", "64KiB", "20GB" (of 1000) or "4096" (bytes). Errors: Errc::invalid, saying what is
// allowed.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

// "8 GiB", "1.5 MiB", "312 B": the largest binary unit that leaves at least 1, one decimal where it says
// more.
[[nodiscard]] std::string size_words(std::uint64_t bytes);

}  // namespace kiln
