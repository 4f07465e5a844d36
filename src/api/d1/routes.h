// D1 databases and what is in them, as wrangler, the SDK and the dashboard of the hosted platform ask for
// them: …/d1/database. Registered once by app; handlers keep no state but the files that come and go.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/auth.h"
#include "api/d1/transfers.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "store/d1_database_store.h"

namespace kiln::api {

struct D1Deps {
  store::D1DatabaseStore& databases;
  D1Transfers& transfers;
  const Clock& clock;
  Entropy& entropy;
  // Has the database's process run statements, in one transaction: their JSON in, its JSON out. `raw`: rows
  // apart from the names of their columns. Errors: Errc::unavailable.
  std::function<Result<std::string>(const Uuid& database, std::string statements, bool raw)> run;
  // Takes away all that is in a database, which the store does not know any more.
  std::function<Status(const Uuid& database)> drop;
  std::function<std::int64_t(const Uuid& database)> size;  // bytes on the disk
};

void add_d1_routes(http::Router& router, const Gate& gate, const D1Deps& deps);

}  // namespace kiln::api
