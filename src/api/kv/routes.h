// KV namespaces and what is in them, as wrangler, the SDK and the dashboard of the hosted platform ask for
// them: …/storage/kv/namespaces. Registered once by app; handlers keep no state.
#pragma once

#include "api/auth.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "store/kv_namespace_store.h"
#include "store/kv_values.h"

namespace kiln::api {

struct KvDeps {
  store::KvNamespaceStore& namespaces;
  store::KvValues& values;
  const Clock& clock;
  Entropy& entropy;
};

void add_kv_routes(http::Router& router, const Gate& gate, const KvDeps& deps);

}  // namespace kiln::api
