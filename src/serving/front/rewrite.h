// Heads as they are passed on: what is hop by hop goes, what the front knows comes in. Pure functions: any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "http/head.h"

namespace kiln::serving {

// For the version's process. Host, target and every other field stay as they were sent; X-Forwarded-For gets
// `peer` added; X-Forwarded-Proto becomes "http", unless a `trusted` peer (a TLS proxy on this machine) said
// "https". `hops` above 0 goes into x-kiln-hops.
void append_request_head(std::string& out, const http::Head& head, std::string_view peer, bool trusted,
                         int hops = 0);

struct Answering {
  std::string_view version;  // x-kiln-version; empty: leave it out
  bool close = false;        // nothing more comes on the client's connection
  bool chunked = false;      // the body goes out in the chunks in which it came
};

// For the client; a 101 keeps its Upgrade.
void append_response_head(std::string& out, const http::Head& head, const Answering& answering);

}  // namespace kiln::serving
