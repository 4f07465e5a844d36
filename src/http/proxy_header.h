// The header of the PROXY protocol, version 2, which a proxy may send before anything else on a connection
// (haproxy.org, "The PROXY protocol", 2.2). Read only where the peer is a trusted proxy, or this program's
// own door of TLS. Pure functions: any thread.
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
  bool over_tls = false;              // the client came so to the proxy (PP2_TYPE_SSL)
};

[[nodiscard]] ProxyHeader read_proxy_header(std::string_view bytes);
// For a client at that address; LOCAL where it is none. Ports are 0: nobody here looks at them.
[[nodiscard]] std::string proxy_header(std::string_view client, bool over_tls);

}  // namespace kiln::http
