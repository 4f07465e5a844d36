// The audit as it is read: of an account, and of the whole installation. For administrators, since it tells
// who works from where. Registered once by app; handlers keep no state.
#pragma once

#include "api/auth.h"
#include "http/router.h"
#include "store/audit_store.h"

namespace kiln::api {

struct AuditDeps {
  store::AuditStore& store;
};

void add_audit_routes(http::Router& router, const Gate& gate, const AuditDeps& deps);

}  // namespace kiln::api
