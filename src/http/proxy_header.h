// The header of the PROXY protocol, version 2, which a proxy may send before anything else on a connection
// (haproxy.org, "The PROXY protocol", 2.2). Read only where the peer is a trusted proxy. Pure function: any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::http {

struct ProxyHeader {
  enum class State {
    absent,     // the bytes begin with something else
    need_more,  // this may become one: give the bytes again, with more behind them
    whole,
    malformed,
  };
  State state = State::absent;
  std::size_t size = 0;               // bytes of the whole
  std::optional<std::string> client;  // nothing when the proxy speaks for itself (LOCAL), or not of IP
};

[[nodiscard]] ProxyHeader read_proxy_header(std::string_view bytes);

}  // namespace kiln::http
