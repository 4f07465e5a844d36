// What all ways of signing in to the page share: who may, and what they are answered. Any thread.
#pragma once

#include <string>

#include "api/sessions/routes.h"

namespace kiln::api::sessions {

// Whoever signs in must be the page itself: else another site's page could sign somebody in as somebody else.
// Errors: those of the checks in origin_checks.h.
[[nodiscard]] Result<PageHost> check_page(const SessionDeps& deps, const http::Request& request);

// A fresh secret each time, so that what a browser brought along is never taken over; and of its session what
// the store keeps.
struct FreshSession {
  std::string secret;
  store::NewSession stored;
};
[[nodiscard]] FreshSession fresh_session(const SessionDeps& deps, const http::Request& request);

// Who is signed in now, with their cookie.
[[nodiscard]] Result<http::Response> signed_in(const SessionDeps& deps, const http::Request& request,
                                               const PageHost& host, const model::Session& session,
                                               const std::string& secret);

// `value` empty: the cookie goes.
[[nodiscard]] std::string set_cookie(const PageHost& host, const std::string& name, const std::string& value,
                                     TimeMs seconds);

}  // namespace kiln::api::sessions
