// R2 buckets and the objects in them, as wrangler, the SDK and the dashboard of the hosted platform ask for
// them: …/r2/buckets. Registered once by app; handlers keep no state.
#pragma once

#include "api/auth.h"
#include "base/clock.h"
#include "http/router.h"
#include "store/r2_bucket_store.h"
#include "store/r2_objects.h"

namespace kiln::api {

struct R2Deps {
  store::R2BucketStore& buckets;
  store::R2Objects& objects;
  const Clock& clock;
};

void add_r2_routes(http::Router& router, const Gate& gate, const R2Deps& deps);

}  // namespace kiln::api
