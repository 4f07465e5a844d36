// Path patterns as people write them, in the form that model/pattern.h matches. Pure function: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::model {

// Changed files are named from the top of the repository: a leading "./" or "/" goes, "**" at the end becomes
// "*", which matches "/" too. Errors: Errc::invalid with the rule in words: what check_pattern refuses, and
// what no file of a repository could match ("../x", "x/", ".").
[[nodiscard]] Result<std::string> clean_path_pattern(std::string_view pattern);

}  // namespace kiln::model
