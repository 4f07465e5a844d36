// Whole files of SQL: imports and exports. The hosted platform does both step by step, so clients ask for
// each step; here the last one does it all.
#include <array>
#include <boost/json.hpp>
#include <optional>

#include "api/builds/handlers.h"
#include "api/d1/handlers.h"
#include "api/error_table.h"
#include "api/reached_at.h"
#include "workers/sql_statements.h"

namespace kiln::api::d1 {
namespace {

namespace json = boost::json;

constexpr const char* kExport = "PRAGMA miniflare_d1_export(?,?,?);";

std::string text_in(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_in(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string address_of(const http::Request& request, const std::string& name) {
  return reached_at(request) + "/client/v4/d1/files/" + name;
}

json::object step(const D1Deps& deps, const char* type, json::object result) {
  return {{"success", true},           {"type", type},
          {"status", "complete"},      {"at_bookmark", deps.entropy.hex32()},
          {"messages", json::array()}, {"result", std::move(result)}};
}

double number_in(const json::object& meta, std::string_view name) {
  const json::value* value = meta.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

// The last statement's, with sums of what they all did.
json::object total_of(const std::string& results) {
  boost::system::error_code error;
  const json::value read = json::parse(results, error);
  json::object total;
  if (error || !read.is_array()) return total;
  constexpr std::array kCounts = {"rows_read", "rows_written", "changes"};
  std::array<double, kCounts.size()> counts{};
  double duration = 0;
  for (const json::value& one : read.get_array()) {
    const json::value* meta = one.is_object() ? one.get_object().if_contains("meta") : nullptr;
    if (meta == nullptr || !meta->is_object()) continue;
    total = meta->get_object();
    for (std::size_t i = 0; i < kCounts.size(); ++i) counts[i] += number_in(total, kCounts[i]);
    duration += number_in(total, "duration");
  }
  for (std::size_t i = 0; i < kCounts.size(); ++i) total[kCounts[i]] = static_cast<std::int64_t>(counts[i]);
  total["duration"] = duration;
  return total;
}

// [{"results": [["line", …]]}] → the lines. Nothing when it is something else.
std::optional<std::string> dump_in(const std::string& results) {
  boost::system::error_code error;
  const json::value read = json::parse(results, error);
  const json::array* list = error ? nullptr : read.if_array();
  if (list == nullptr || list->empty() || !list->front().is_object()) return std::nullopt;
  const json::value* rows = list->front().get_object().if_contains("results");
  if (rows == nullptr || !rows->is_array() || rows->get_array().empty()) return std::nullopt;
  const json::array* lines = rows->get_array().front().if_array();
  if (lines == nullptr) return std::nullopt;
  std::string out;
  for (const json::value& line : *lines) {
    if (!line.is_string()) return std::nullopt;
    out += std::string_view(line.get_string());
    out += '\n';
  }
  return out;
}

Result<http::Reply> ingest(const D1Deps& deps, const Uuid& database, const std::string& name) {
  const Result<std::string> text = deps.transfers.take(name, database);
  if (!text) return tl::unexpected<Error>(text.error());
  json::array statements;
  for (const std::string_view statement : workers::sql_statements(*text))
    statements.push_back(json::object{{"sql", std::string(statement)}});
  const std::size_t count = statements.size();
  if (count == 0) return fail(Errc::script_invalid, "No SQL statements detected.", "sql");
  const Result<std::string> results = run(deps, database, statements, true);
  if (!results) return tl::unexpected<Error>(results.error());
  deps.transfers.drop(name);
  return success_response(
      step(deps, "import",
           {{"num_queries", count}, {"final_bookmark", deps.entropy.hex32()}, {"meta", total_of(*results)}}));
}

Result<http::Reply> import_file(const D1Deps& deps, const Call& call) {
  const Result<model::D1Database> database = database_of(deps, call);
  if (!database) return tl::unexpected<Error>(database.error());
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const std::string action = text_in(*body, "action");
  if (action == "init") {
    const Result<std::string> name = deps.transfers.expect(database->id, text_in(*body, "etag"));
    if (!name) return tl::unexpected<Error>(name.error());
    return success_response(json::object{{"success", true},
                                         {"type", "import"},
                                         {"filename", *name},
                                         {"upload_url", address_of(call.request, *name)},
                                         {"messages", json::array()}});
  }
  if (action == "ingest") return ingest(deps, database->id, text_in(*body, "filename"));
  if (action == "poll")
    return fail(Errc::invalid, "Not currently importing anything: the answer to `ingest` was the last one.",
                "action");
  return fail(Errc::invalid, "action must be init, ingest or poll.", "action");
}

Result<http::Reply> export_file(const D1Deps& deps, const Call& call) {
  const Result<model::D1Database> database = database_of(deps, call);
  if (!database) return tl::unexpected<Error>(database.error());
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const json::value* given = body->if_contains("dump_options");
  const json::object none;
  const json::object& options = given != nullptr && given->is_object() ? given->get_object() : none;
  json::array params{flag_in(options, "no_schema") ? 1 : 0, flag_in(options, "no_data") ? 1 : 0};
  if (const json::value* tables = options.if_contains("tables"); tables != nullptr && tables->is_array())
    params.insert(params.end(), tables->get_array().begin(), tables->get_array().end());
  json::array statements;
  statements.push_back(json::object{{"sql", kExport}, {"params", std::move(params)}});
  const Result<std::string> results = run(deps, database->id, statements, false);
  if (!results) return tl::unexpected<Error>(results.error());
  const std::optional<std::string> text = dump_in(*results);
  if (!text) return fail(Errc::unavailable, "The database's process gave no whole answer. Try again.");
  const Result<std::string> name = deps.transfers.offer(database->id, *text);
  if (!name) return tl::unexpected<Error>(name.error());
  return success_response(
      step(deps, "export",
           {{"filename", database->name + ".sql"}, {"signed_url", address_of(call.request, *name)}}));
}

Result<http::Reply> put_file(const D1Deps& deps, const http::Request& request) {
  const Result<std::string> etag = deps.transfers.put(request.param("file_name"), request.body);
  if (!etag) return tl::unexpected<Error>(etag.error());
  http::Response out;
  out.headers.emplace_back("etag", '"' + *etag + '"');
  return out;
}

Result<http::Reply> get_file(const D1Deps& deps, const http::Request& request) {
  Result<std::string> text = deps.transfers.fetch(request.param("file_name"));
  if (!text) return tl::unexpected<Error>(text.error());
  http::Response out;
  out.headers.emplace_back("content-type", "application/sql");
  out.body = *std::move(text);
  return out;
}

// The address of a file: no token, its name is the secret.
using HandleFile = Result<http::Reply> (*)(const D1Deps& deps, const http::Request& request);

void add_file(Routes& routes, const char* method, HandleFile handle, http::RouteOptions options) {
  routes.router().add(
      method, "/client/v4/d1/files/{file_name}", options,
      Gate::open(
          [deps = routes.deps()](const http::Request& request) {
            return deps->transfers.check(request.param("file_name"));
          },
          [deps = routes.deps(), handle](const http::Request& request) { return handle(*deps, request); }));
}

}  // namespace

void add_files(Routes& routes) {
  const http::RouteOptions how{std::size_t{64} << 10U, http::Work::sql};
  routes.add("POST", "/{database_id}/import", Needs::data_write, import_file, how);
  routes.add("POST", "/{database_id}/export", Needs::data_read, export_file, how);
  add_file(routes, "PUT", put_file, {model::kLargestD1Import, http::Work::sql});
  add_file(routes, "GET", get_file, how);
}

}  // namespace kiln::api::d1
