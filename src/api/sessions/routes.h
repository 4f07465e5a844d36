// Signing in to the page and out of it, and the sessions there are. Kiln's own. Registered once by app;
// handlers keep no state but the count of failed attempts, and may run on any thread of the server.
#pragma once

#include <functional>
#include <string>

#include "api/auth.h"
#include "api/sessions/sessions.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "store/account_store.h"
#include "store/session_store.h"

namespace kiln::api {

struct SessionDeps {
  store::SessionStore& store;
  store::AccountStore& accounts;
  const Sessions& sessions;
  const Clock& clock;
  Entropy& entropy;
  int failures_a_minute = 100;   // of one address, before it is told to wait; 0: any number
  std::string workers_domain{};  // Workers answer below it
};

struct MadeLoginCode {
  std::string text;
  TimeMs expires_on = 0;
};

// Stores a code that opens what `wanted` says for model::kLoginCodeMs from now.
[[nodiscard]] Result<MadeLoginCode> make_login_code(const SessionDeps& deps, model::LoginCode wanted);

void add_session_routes(http::Router& router, const Gate& gate, const SessionDeps& deps);

// The administrator's: POST /kiln/v1/login_codes {account_id?, permissions?} → {code, expires_on}.
void add_login_code_route(http::Router& router, const Gate& gate, const SessionDeps& deps);

}  // namespace kiln::api
