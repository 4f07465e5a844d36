// Manual pages and the reference page of docs/, out of the definitions of the commands. Pure; any thread.
#pragma once

#include <string>

#include "cli/reference.h"

namespace kiln::cli {

// "kiln-token-create".
[[nodiscard]] std::string page_name(const CommandFacts& command);

// man(7). `date` may be empty.
[[nodiscard]] std::string manual_page(const CommandFacts& command, const std::string& date);

// Of all commands, as Markdown.
[[nodiscard]] std::string reference_page(const CommandFacts& kiln);

}  // namespace kiln::cli
