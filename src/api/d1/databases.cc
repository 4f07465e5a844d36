// The databases themselves.
#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/d1/handlers.h"
#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::api::d1 {
namespace {

namespace json = boost::json;

json::object database_json(const D1Deps& deps, const model::D1Database& database) {
  return {{"uuid", database.id.str()},
          {"name", database.name},
          {"created_at", format_rfc3339(database.created_on)},
          {"version", "production"},
          {"file_size", deps.size(database.id)}};
}

Result<std::string> name_in(const Call& call) {
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const json::value* name = body->if_contains("name");
  const std::string text =
      name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
  const bool fits = !text.empty() && text.size() <= model::kLongestD1Name &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return static_cast<unsigned char>(c) > 0x20 && c != '/' && c != 0x7f;
                    });
  if (fits) return text;
  return fail(Errc::invalid,
              "A D1 database needs a name of 1 to 255 bytes without white space and slashes: {\"name\": "
              "\"shop-db\"}.",
              "name");
}

Result<http::Reply> list_databases(const D1Deps& deps, const Call& call) {
  constexpr int kUsual = 1000;
  const store::Page page = page_of(call.request, kUsual, model::kMostD1Databases);
  const auto found =
      deps.databases.databases(call.account_id, page, call.request.query_value("name").value_or(""));
  if (!found) return tl::unexpected<Error>(found.error());
  json::array out;
  for (const model::D1Database& database : found->items) out.push_back(database_json(deps, database));
  return builds::list_response(std::move(out), page, found->total);
}

Result<http::Reply> create_database(const D1Deps& deps, const Call& call) {
  Result<std::string> name = name_in(call);
  if (!name) return tl::unexpected<Error>(name.error());
  const model::D1Database database{deps.entropy.uuid(), call.account_id, *std::move(name), deps.clock.now()};
  if (const Status added = deps.databases.add(database); !added) return tl::unexpected<Error>(added.error());
  return success_response(database_json(deps, database));
}

Result<http::Reply> get_database(const D1Deps& deps, const Call& call) {
  const Result<model::D1Database> database = database_of(deps, call);
  if (!database) return tl::unexpected<Error>(database.error());
  return success_response(database_json(deps, *database));
}

// The row first: what is left of a database after a crash is swept away, and never found again.
Result<http::Reply> delete_database(const D1Deps& deps, const Call& call) {
  const Result<model::D1Database> database = database_of(deps, call);
  if (!database) return tl::unexpected<Error>(database.error());
  if (const Status gone = deps.databases.remove(call.account_id, database->id); !gone)
    return tl::unexpected<Error>(gone.error());
  if (const Status dropped = deps.drop(database->id); !dropped) return tl::unexpected<Error>(dropped.error());
  return success_response(nullptr);
}

}  // namespace

void add_databases(Routes& routes) {
  routes.add("GET", "", Needs::scripts_read, list_databases);
  routes.add("POST", "", Needs::data_write, create_database);
  routes.add("GET", "/{database_id}", Needs::scripts_read, get_database);
  routes.add("DELETE", "/{database_id}", Needs::data_write, delete_database,
             {std::size_t{64} << 10U, http::Work::sql});
}

}  // namespace kiln::api::d1
