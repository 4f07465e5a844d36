// What can be read off a URL without asking anybody. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// "scheme://host[:port]" as it is written there, without user and password (RFC 6454 4). What has no scheme
// is read up to its first slash.
[[nodiscard]] std::string origin_of(std::string_view url);

// Whether the host, of any scheme, is this machine's loopback by its own word: "localhost", or an address
// that is one. A name is not, whatever it begins with.
[[nodiscard]] bool is_loopback_url(const std::string& url);

}  // namespace kiln
