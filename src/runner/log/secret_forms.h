// The ways a secret value may show up in a log: as it is, each long line of a multi-line value, base64 and
// base32 (RFC 4648; at any alignment, plain, URL-safe, wrapped), hex (plain, wrapped as by xxd -p, with
// spaces, colons or \x between), percent-encoded and JSON-escaped. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::runner {

// The value itself first, then its encodings; forms too short to be told from ordinary text are left out.
[[nodiscard]] std::vector<std::string> secret_forms(std::string_view value);

}  // namespace kiln::runner
