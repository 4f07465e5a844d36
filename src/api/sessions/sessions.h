// The sessions of the page: who a cookie stands for. Remembers for a moment whom it let in. Owned by app;
// safe from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "api/principal_cache.h"
#include "api/sessions/origin_checks.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "model/principal.h"
#include "store/changes.h"
#include "store/session_store.h"

namespace kiln::api {

// For whoever is asked as whom, and is nobody: Errc::unauthenticated.
[[nodiscard]] tl::unexpected<Error> nobody_is_signed_in();

class Sessions {
 public:
  // `changes` are those of the database behind `store`.
  Sessions(store::SessionStore& store, const store::Changes& changes, const Clock& clock,
           sessions::PageRules rules)
      : store_(store), changes_(changes), clock_(clock), rules_(std::move(rules)) {}

  // Before the server listens.
  void set_rules(sessions::PageRules rules) { rules_ = std::move(rules); }
  [[nodiscard]] const sessions::PageRules& rules() const { return rules_; }

  // Whether the request would speak with a session: it has a cookie of ours and no token.
  [[nodiscard]] static bool claims_one(const http::Request& request);
  // Whom the request's cookie stands for, once host and origin are known to be good. Errors:
  // Errc::forbidden, Errc::unauthenticated. `noted`: this is a use of the session, which keeps it from lying
  // idle.
  [[nodiscard]] Result<std::shared_ptr<const model::Principal>> identify(const http::Request& request,
                                                                         bool noted) const;

  // Writes down which sessions were used since the last call.
  void write_uses() const;

 private:
  store::SessionStore& store_;
  const store::Changes& changes_;
  const Clock& clock_;
  sessions::PageRules rules_;
  mutable PrincipalCache known_;
  mutable std::mutex uses_mutex_;
  mutable std::set<Uuid> uses_;
};

}  // namespace kiln::api
