// A secret that somebody types: asked for at the terminal without showing it. One thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::cli {

// One line typed at the terminal after `words`, as it was typed. Errors: Errc::io; Errc::invalid when
// somebody gives up.
[[nodiscard]] Result<std::string> typed_unseen(std::string_view words);
// Where standard input is a terminal, one line typed there after `words`; else all of standard input. Without
// the white space around it. Errors: Errc::invalid for none, Errc::io.
[[nodiscard]] Result<std::string> ask_secret(std::string_view words);

}  // namespace kiln::cli
