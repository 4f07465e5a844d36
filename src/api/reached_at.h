// How the caller of a request reached this server, for addresses in the answer to that caller alone: both the
// host and what a proxy says are the caller's own word. Pure; any thread.
#pragma once

#include <string>

#include "base/strings.h"
#include "http/message.h"

namespace kiln::api {

// "http://kiln.example:8443", without a path.
[[nodiscard]] inline std::string reached_at(const http::Request& request) {
  const bool secure = request.over_tls || request.header("x-forwarded-proto") == "https";
  return (secure ? "https://" : "http://") + to_valid_utf8(request.header("host"));
}

}  // namespace kiln::api
