// Where a proxy in front of Kiln is reached: scheme, host and port. Values and pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::model {

struct PublicOrigin {
  std::string scheme;      // "http" or "https"
  std::string host;        // a domain name in lower case
  std::uint16_t port = 0;  // 0: the scheme's own

  bool operator==(const PublicOrigin&) const = default;
};

// "https://workers.example.com" or "http://workers.example.com:8080", perhaps with a / at the end. Nothing
// for any other scheme, an address instead of a name, a user, a path, a query or a fragment.
[[nodiscard]] std::optional<PublicOrigin> parse_public_origin(std::string_view text);

// Whether paths can be put behind it: "https://kiln.example.com", "http://10.0.0.7:8787", "http://[::1]:8787"
// and "https://ci.example.com/kiln"; without a user, a query, a fragment, or a / at the end.
[[nodiscard]] bool is_base_url(std::string_view text);

}  // namespace kiln::model
