// Names that strangers chose (branches, files, refs), as text that may stand in a log line, in an answer and
// on a terminal. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::queue {

// Valid UTF-8 of at most about `most` bytes, with every control character (C0, DEL, C1) as U+FFFD: no line
// break and no terminal escape survives.
[[nodiscard]] std::string printable(std::string_view name, std::size_t most = 256);

}  // namespace kiln::queue
