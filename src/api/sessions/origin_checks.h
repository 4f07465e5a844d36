// Who may speak with the page's cookie: its own pages, under a host name that is known, and nobody else's.
// Browsers send cookies for every page of the same site, whoever wrote it, so each request is judged by what
// the browser says about it (Fetch Metadata; RFC 6454 for Origin) and by its Host. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace kiln::api::sessions {

struct PageRules {
  // Besides the loopback names: host names, or addresses, without ports; in lower case.
  std::vector<std::string> hosts;
  // Of these, those that are reached over https alone: a proxy speaks TLS in front.
  std::vector<std::string> secure_hosts;
  bool plain_login = false;  // signing in over plain http from other machines
};

// A Host header taken apart.
struct PageHost {
  std::string name;  // in lower case, an IPv6 address in brackets
  std::string port;  // empty: the scheme's own
  bool secure = false;
  bool loopback = false;

  [[nodiscard]] std::string origin() const;  // "http://localhost:8787"
  // The name of the session's cookie: cookies ignore ports, so the name says it.
  [[nodiscard]] std::string cookie_name() const { return own_cookie("kiln_session"); }
  // That of a sign-in at a provider of identities, while it goes on.
  [[nodiscard]] std::string flow_cookie_name() const { return own_cookie("kiln_sign_in"); }

 private:
  [[nodiscard]] std::string own_cookie(std::string_view what) const;
};

// Errors: Errc::forbidden with the field kForeignHost (error_table.h), unless the page is known under that
// name: whoever points a name of his own at this address (DNS rebinding) gets no further.
[[nodiscard]] Result<PageHost> check_host(const http::Request& request, const PageRules& rules);

// A request that has the cookie. Changes must come from the page itself: Sec-Fetch-Site says so, or else
// Origin does; reads by another site's page are refused where the browser says so; a WebSocket needs the
// page's Origin. Errors: Errc::forbidden.
[[nodiscard]] Status check_origin(const http::Request& request, const PageHost& host);

// Signing in. Errors: Errc::forbidden over plain http from another machine.
[[nodiscard]] Status check_transport(const http::Request& request, const PageHost& host,
                                     const PageRules& rules);

// The value of the one cookie of that name, over all Cookie fields (RFC 6265, 5.4). Empty: there is none.
// Errors: Errc::unauthenticated when there are several: one of them was set by somebody else.
[[nodiscard]] Result<std::string> cookie_of(const http::Request& request, std::string_view name);

}  // namespace kiln::api::sessions
