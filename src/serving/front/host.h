// A Host header into the names that a route is found by. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::serving {

struct HostName {
  std::string label;      // "hello", "0a1b2c3d-hello": what stands before the subdomain
  std::string subdomain;  // the account's

  bool operator==(const HostName&) const = default;
};

// "Hello.dev.localhost.:8788" with the domain "localhost" → {"hello", "dev"}: case, a port and one dot at the
// end do not count. Nothing for any other shape; labels are 1 to 63 of a-z 0-9 - _.
[[nodiscard]] std::optional<HostName> parse_host(std::string_view host, std::string_view domain);

// In lower case, without a port and the dot at the end. Nothing for a text with a port that is none.
[[nodiscard]] std::optional<std::string> plain_host(std::string_view host);

}  // namespace kiln::serving
