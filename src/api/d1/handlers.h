// What the files of api/d1 share. Only for api/d1.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "api/account_routes.h"
#include "api/d1/routes.h"

namespace kiln::api::d1 {

using Routes = AccountRoutes<D1Deps>;

void add_databases(Routes& routes);
void add_statements(Routes& routes);
void add_files(Routes& routes);

// The database that the path names, by its id or its name. Errors: Errc::not_found.
[[nodiscard]] Result<model::D1Database> database_of(const D1Deps& deps, const Call& call);

// What the database answers, as JSON: one object a statement. Errors: Errc::script_invalid in the words of
// SQLite, Errc::unavailable.
[[nodiscard]] Result<std::string> run(const D1Deps& deps, const Uuid& database,
                                      const boost::json::array& statements, bool raw);

}  // namespace kiln::api::d1
