// What the front answers itself when no Worker can: one sentence of what happened and what to do, as text, or
// as JSON for who asks for it. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::serving {

struct PageOptions {
  std::string_view accept;  // the request's Accept
  bool to_head = false;     // no body
  bool close = true;        // nothing more comes on this connection
};

// 404 not_found, forbidden, conflict; 400 invalid; 431 too_large; 504 timeout; 503 unavailable; else 502.
[[nodiscard]] int page_status(const Error& error);
// The whole response.
[[nodiscard]] std::string page(const Error& error, const PageOptions& options);

}  // namespace kiln::serving
