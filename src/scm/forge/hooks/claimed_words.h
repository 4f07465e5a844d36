// Finds single values in a body that is not verified yet and may be 8 MB of anything: it is walked without
// building a value of it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scm/forge/hook_reader.h"

namespace kiln::scm {

// A value that is looked for: "repository.id". Of another type than this it is left empty.
struct WantedWord {
  std::string_view path;
  bool is_number = false;
};

// Them, in their order; what is not there, or has more than 4,096 bytes, is empty. As with a parsed value,
// the last of several keys of one name counts. Errors: Errc::invalid, field "body" for what is no JSON
// object, or the first name of the first path when none of the paths' first names is that of an object.
[[nodiscard]] Result<std::vector<std::string>> claimed_words(const HookRequest& request,
                                                             const std::vector<WantedWord>& wanted);

}  // namespace kiln::scm
