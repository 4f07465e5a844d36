// The ways a secret value may show up in a log. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::runner {

// The value itself first, then its encodings; forms too short to be told from ordinary text are left out.
[[nodiscard]] std::vector<std::string> secret_forms(std::string_view value);

}  // namespace kiln::runner
