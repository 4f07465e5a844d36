// The addresses that the server listens on, as its arguments name them and as URLs that lead to them. Pure;
// any thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace kiln::app {

using ListenAddress = std::pair<std::string, std::uint16_t>;  // host without brackets, port (0: any)

// "127.0.0.1:8787", "[::1]:0", "localhost:80"; `option` is who says so. Errors: Errc::invalid, with what an
// IPv6 address needs where it stands without brackets.
[[nodiscard]] Result<ListenAddress> parse_listen(const char* option, const std::string& text);

// "http://127.0.0.1:8787": an IPv6 address in brackets. Who listens at every address (0.0.0.0, ::) is reached
// at this machine's loopback.
[[nodiscard]] std::string listen_url(const std::string& host, std::uint16_t port);

}  // namespace kiln::app
