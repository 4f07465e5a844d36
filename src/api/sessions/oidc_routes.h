// Signing in to the page by a provider of identities (OpenID Connect, authorization code with PKCE). The page
// begins it, the provider sends the person back to /login, and the page ends it with what came along. Kiln's
// own. Registered once by app; may run on any thread of the server.
#pragma once

#include "api/auth.h"
#include "api/sessions/oidc_flow.h"
#include "api/sessions/oidc_provider.h"
#include "api/sessions/routes.h"

namespace kiln::api {

// Owned by app; everything referred to outlives the routes.
struct OidcDeps {
  SessionDeps sessions;
  sessions::OidcProvider* provider = nullptr;  // null: none is set up
  std::string account_id{};                    // of those who do not administer
};

// GET, POST /kiln/v1/oidc and POST /kiln/v1/oidc/session.
void add_oidc_routes(http::Router& router, const OidcDeps& deps);

}  // namespace kiln::api
