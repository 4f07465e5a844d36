// Listening sockets, by plain system calls. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace kiln::http {

struct Listening {
  Fd socket;               // non-blocking, listening
  std::uint16_t port = 0;  // TCP only
};

// `host` is an IP address or "localhost". Errors: Errc::invalid (not such a thing), Errc::io (in use, not
// ours to bind).
[[nodiscard]] Result<Listening> open_tcp(const std::string& host, std::uint16_t port);

// Binds at `path`, mode 0600 from its first moment; a socket file that nobody listens at any more is
// replaced. A path too long for a socket address is reached through its folder. Errors: Errc::io, also when
// somebody listens there or something else is in the way; Errc::invalid for a file name that is too long.
[[nodiscard]] Result<Listening> open_unix(const std::string& path);

// Sends a client that is not served the one answer that it gets, as far as the socket takes it at once, and
// nothing more. Never waits.
void turn_away(int connection, std::string_view answer);

// "127.0.0.1", "::1" or "unix": who is at the other end of a connection.
[[nodiscard]] std::string peer_address(int connection);
// The user of the process at the other end of a unix connection.
[[nodiscard]] std::optional<unsigned> peer_uid(int connection);

}  // namespace kiln::http
