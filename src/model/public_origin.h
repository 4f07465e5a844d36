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

}  // namespace kiln::model
