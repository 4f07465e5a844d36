// A call to GitHub's API, for the files that make them. Only for scm/forge. Pure; any thread.
#pragma once

#include <string>

#include "scm/forge/api_call.h"

namespace kiln::scm {

// With GitHub's header fields. `bearer`: an App's JWT or a token; empty: as nobody.
[[nodiscard]] ApiCall github_call(const std::string& method, const std::string& url,
                                  const std::string& bearer);

}  // namespace kiln::scm
