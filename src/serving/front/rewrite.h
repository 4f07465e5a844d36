// Heads as they are passed on: what is hop by hop goes, what the front knows comes in. Pure functions: any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "http/head.h"
#include "serving/front/visitor.h"

namespace kiln::serving {

// Switching Protocols (RFC 9110, 15.2.2): what follows is no HTTP.
inline constexpr int kSwitching = 101;

// For the version's process. Host, target and other fields stay as they were sent. X-Forwarded-For gets the
// peer added; X-Forwarded-Proto becomes "http", unless a trusted peer (a TLS proxy) said "https"; what tells
// of the visitor is replaced (visitor.h). Of a calling Worker all but the last stays its own, request.cf too.
// Cookies of Kiln's own page go (page_cookies.h). Hops above 0 go into x-kiln-hops.
void append_request_head(std::string& out, const http::Head& head, const Caller& caller);

struct Answering {
  std::string_view version;  // x-kiln-version; empty: leave it out
  bool close = false;        // nothing more comes on the client's connection
  bool chunked = false;      // the body goes out in the chunks in which it came
};

// For the client; a 101 keeps its Upgrade.
void append_response_head(std::string& out, const http::Head& head, const Answering& answering);

}  // namespace kiln::serving
