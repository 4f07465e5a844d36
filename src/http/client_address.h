// Whose request it is where proxies stand between: what they say counts only as far as they are trusted
// (server.trusted_proxies). Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/trusted_proxies.h"
#include "http/head.h"
#include "http/message.h"

namespace kiln::http {

// The values of a request's fields, in order.
struct ForwardedFields {
  std::vector<std::string_view> forwarded;        // Forwarded (RFC 7239)
  std::vector<std::string_view> x_forwarded_for;  // X-Forwarded-For
};

// The client's address. That is `peer`, who holds the other end of the connection, unless it is a trusted
// proxy: then the last one in the list that is not such a proxy. An entry that is no address ends the search
// at the proxy that wrote it. Where either kind of field is believed, both are there and tell of two clients,
// one of them is not the proxy's own word, and `peer` it is.
[[nodiscard]] std::string client_address(const TrustedProxies& proxies, std::string_view peer,
                                         const ForwardedFields& told);
[[nodiscard]] std::string client_address(const TrustedProxies& proxies, std::string_view peer,
                                         const Head& head);
[[nodiscard]] std::string client_address(const TrustedProxies& proxies, std::string_view peer,
                                         const Request& request);

}  // namespace kiln::http
