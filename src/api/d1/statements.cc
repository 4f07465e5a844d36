// Statements for a database: each call is one transaction, all or nothing.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>

#include "api/builds/handlers.h"
#include "api/d1/handlers.h"
#include "api/error_table.h"
#include "workers/sql_statements.h"

namespace kiln::api::d1 {
namespace {

namespace json = boost::json;

constexpr std::size_t kLargestCall = std::size_t{16} << 20U;

// {sql, params}, perhaps of several statements, behind `into`.
Status add_statement(const json::value& item, json::array& into) {
  const json::object* object = item.if_object();
  const json::value* sql = object == nullptr ? nullptr : object->if_contains("sql");
  const json::value* params = object == nullptr ? nullptr : object->if_contains("params");
  if (sql == nullptr || !sql->is_string())
    return fail(Errc::invalid, R"(The body needs SQL: {"sql": "SELECT ?", "params": [1]}.)", "sql");
  if (params != nullptr && !params->is_null() && !params->is_array())
    return fail(Errc::invalid, "params must be a list.", "params");
  const bool has_params = params != nullptr && params->is_array() && !params->get_array().empty();
  const auto statements = workers::sql_statements(sql->get_string());
  if (has_params && statements.size() > 1)
    return fail(Errc::invalid,
                "Params go with one statement: send the others apart, or all of them as {\"batch\": […]}.",
                "params");
  for (const std::string_view statement : statements) {
    json::object& one = into.emplace_back(json::object{{"sql", std::string(statement)}}).get_object();
    if (has_params) one["params"] = *params;
  }
  return {};
}

Result<json::array> statements_in(const Call& call) {
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  json::array out;
  const json::value* batch = body->if_contains("batch");
  if (batch != nullptr && batch->is_array()) {
    for (const json::value& item : batch->get_array()) {
      if (Status added = add_statement(item, out); !added) return tl::unexpected<Error>(added.error());
    }
  } else if (Status added = add_statement(*body, out); !added) {
    return tl::unexpected<Error>(added.error());
  }
  if (out.empty()) return fail(Errc::script_invalid, "No SQL statements detected.", "sql");
  return out;
}

Result<http::Reply> answer(const D1Deps& deps, const Call& call, bool raw) {
  const Result<model::D1Database> database = database_of(deps, call);
  if (!database) return tl::unexpected<Error>(database.error());
  const Result<json::array> statements = statements_in(call);
  if (!statements) return tl::unexpected<Error>(statements.error());
  const Result<std::string> results = run(deps, database->id, *statements, raw);
  if (!results) return tl::unexpected<Error>(results.error());
  return success_text(*results, nullptr);
}

Result<http::Reply> query(const D1Deps& deps, const Call& call) {
  return answer(deps, call, false);
}

Result<http::Reply> query_raw(const D1Deps& deps, const Call& call) {
  return answer(deps, call, true);
}

// The engine's clock stands still while it works: what it took all in all is told of the first statement.
void tell_time(std::string& results, double ms) {
  constexpr std::string_view kNotMeasured = R"("timings":{"sql_duration_ms":0},"duration":0,)";
  const std::size_t at = results.find(kNotMeasured);
  if (at == std::string::npos) return;
  results.replace(at, kNotMeasured.size(),
                  fmt::format(R"("timings":{{"sql_duration_ms":{0:.3f}}},"duration":{0:.3f},)", ms));
}

}  // namespace

Result<std::string> run(const D1Deps& deps, const Uuid& database, const json::array& statements, bool raw) {
  const auto began = std::chrono::steady_clock::now();
  Result<std::string> results = deps.run(database, json::serialize(statements), raw);
  if (!results) return results;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  if (results->starts_with('[')) {
    tell_time(*results, took.count());
    return results;
  }
  boost::system::error_code error;
  const json::value refusal = json::parse(*results, error);
  const json::value* words =
      error || !refusal.is_object() ? nullptr : refusal.get_object().if_contains("error");
  if (words == nullptr || !words->is_string())
    return fail(Errc::unavailable, "The database's process gave no answer. Try again.");
  return fail(Errc::script_invalid, std::string(words->get_string()), "sql");
}

void add_statements(Routes& routes) {
  const http::RouteOptions how{kLargestCall, http::Work::sql};
  routes.add("POST", "/{database_id}/query", Needs::data_write, query, how);
  routes.add("POST", "/{database_id}/raw", Needs::data_write, query_raw, how);
}

}  // namespace kiln::api::d1
