#include "api/error_table.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "api/workers/unoffered.h"
#include "base/entropy.h"
#include "base/log.h"
#include "base/strings.h"
#include "model/r2_rules.h"
#include "store/r2_objects.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool is_workers(Family family) {
  return family == Family::workers || family == Family::services || family == Family::schedules ||
         family == Family::kv || family == Family::d1 || family == Family::r2;
}

// The words of a refusal: fixed where clients match on them, else the error's own.
std::string words_for(const Error& error, Family family, const http::Request& request) {
  switch (error.code) {
    case Errc::not_found:
    case Errc::worker_not_found:
      if (family == Family::builds) return "Not found";
      if (family == Family::d1 || family == Family::r2) return error.message;
      if (is_workers(family)) return "This Worker does not exist on your account.";
      return error.message;
    case Errc::unauthenticated:
      if (family == Family::builds) return "Invalid API Token";
      if (is_workers(family)) return "Invalid access token";
      return error.message;
    case Errc::forbidden:
      return family == Family::builds && error.field != kLacksRight ? "Authentication error" : error.message;
    case Errc::no_route:
      if (const std::string_view words = unoffered(request.path); !words.empty()) return std::string(words);
      return fmt::format("Could not route to {}, perhaps your object identifier is invalid?", request.path);
    case Errc::wrong_method:
      if (const std::string_view words = unoffered(request.path); !words.empty()) return std::string(words);
      return fmt::format("{} is not allowed on {}; allowed: {}", request.method, request.path, error.field);
    case Errc::invalid:
    case Errc::too_large:
      if (family == Family::builds && !begins_with(error.message, "Invalid request")) {
        return "Invalid request: " + error.message;
      }
      return error.message;
    case Errc::conflict:
    case Errc::rate_limited:
    case Errc::unavailable:
    case Errc::timeout:
    case Errc::lease_lost:
    case Errc::version_not_found:
    case Errc::inherit_invalid:
    case Errc::script_invalid:
    case Errc::secret_not_found:
    case Errc::binding_unsupported:
    case Errc::not_latest:
    case Errc::wrong_worker:
    case Errc::secrets_changed:
    case Errc::branch_not_found:
    case Errc::preview_not_found:
    case Errc::preview_empty:
    case Errc::route_taken:
    case Errc::hostname_taken:
    case Errc::kv_namespace_not_found:
    case Errc::kv_key_not_found:
    case Errc::not_offered:
      return error.message;
    case Errc::disk_full:
      return "The disk of the Kiln server is full and nothing was stored. Make room where its data directory "
             "is, then try again.";
    case Errc::io:
    case Errc::corrupt:
    case Errc::internal:
      break;
  }
  return {};
}

// The path as the log may show it: the uuids of deploy hooks and badges are secrets and are left out.
std::string loggable_path(const http::Request& request) {
  std::size_t end = 0;  // of the segment just looked at, in the path as sent
  for (const std::string& segment : request.segments) {
    end = request.path.find('/', end + 1);
    if (end == std::string::npos) break;
    if (segment == "deploy_hooks" || segment == "badges") return request.path.substr(0, end) + "/[secret]";
  }
  return request.path;
}

// For our own faults: an id for the caller and, with the whole story, for the service log.
std::string report_fault(const Error& error, const http::Request& request) {
  const std::string id = request.id.empty() ? SystemEntropy().uuid().str() : request.id;
  log::error("fault id={} method={} path={} error={}", id, request.method,
             log::quoted(loggable_path(request)), log::quoted(error.message));
  return fmt::format("Kiln failed to answer; the server's log has the details under the id {}", id);
}

// The hosted platform's number for the rule of R2 that the error names.
int r2_code(const Error& error, int usual) {
  struct Rule {
    Errc code;
    const char* field;
    int number;
  };
  static const std::array rules = {
      Rule{Errc::not_found, model::kR2Key, 10007},      Rule{Errc::conflict, "name", 10004},
      Rule{Errc::conflict, store::kR2NotEmpty, 10008},  Rule{Errc::invalid, "name", 10005},
      Rule{Errc::invalid, model::kR2Key, 10020},        Rule{Errc::invalid, model::kR2Range, 10039},
      Rule{Errc::too_large, model::kR2Metadata, 10012}, Rule{Errc::too_large, store::kLargeR2Object, 100100}};
  for (const Rule& rule : rules) {
    if (rule.code == error.code && error.field == rule.field) return rule.number;
  }
  return usual;
}

// The same of queues: a name that is taken, a second consumer.
int queues_code(const Error& error, int usual) {
  if (error.code != Errc::conflict) return usual;
  return error.field == "type" ? 11004 : error.field == "queue_name" ? 11009 : usual;
}

http::Response json_response(int status, const json::value& body) {
  return {status, {{"content-type", "application/json"}}, json::serialize(body)};
}

}  // namespace

Family family_of(const std::string& path) {
  constexpr std::string_view base = "/client/v4";
  if (!begins_with(path, base)) return Family::plain;
  const std::string_view rest = std::string_view(path).substr(base.size());
  if (begins_with(rest, "/workers/builds/")) return Family::builds;
  if (begins_with(rest, "/d1/")) return Family::d1;
  constexpr std::string_view accounts = "/accounts/";
  if (begins_with(rest, accounts)) {
    const std::size_t slash = rest.find('/', accounts.size());
    const std::string_view thing = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (begins_with(thing, "/builds")) return Family::builds;
    if (begins_with(thing, "/storage/kv/")) return Family::kv;
    if (begins_with(thing, "/d1/")) return Family::d1;
    if (begins_with(thing, "/r2/")) return Family::r2;
    if (begins_with(thing, "/queues")) return Family::queues;
    if (begins_with(thing, "/event_subscriptions")) return Family::plain;
    if (begins_with(thing, "/workers/services/")) return Family::services;
    if (begins_with(thing, "/workers/scripts/") && thing.ends_with("/schedules")) return Family::schedules;
  }
  return Family::workers;
}

Refusal refusal_for(Errc code, Family family) {
  const bool workers = is_workers(family);
  switch (code) {
    case Errc::invalid:
      return {400, family == Family::schedules ? 10100
                   : family == Family::d1      ? 7400
                   : workers                   ? 10001
                                               : 12002};
    case Errc::not_found:
      return {404, family == Family::d1 ? 7404 : family == Family::r2 ? 10006 : workers ? 10007 : 12000};
    case Errc::unauthenticated:
      return {401, workers ? 9109 : 1000};
    case Errc::forbidden:
      return {403, 10000};
    case Errc::conflict:
      if (family == Family::kv) return {400, 10014};
      if (family == Family::d1) return {400, 7502};
      return {409, workers ? 10008 : 12004};
    case Errc::rate_limited:
      return {429, 12005};
    case Errc::too_large:
      return {413, workers ? 10027 : 12002};
    case Errc::unavailable:
      return {502, 12006};
    case Errc::timeout:
      return {504, 12007};
    case Errc::lease_lost:
      return {409, 12008};
    case Errc::no_route:
      return {404, 7003};
    case Errc::wrong_method:
      return {405, 10405};
    case Errc::worker_not_found:
      return {404, family == Family::services ? 10090 : workers ? 10007 : 12000};
    case Errc::version_not_found:
      return {404, 10222};
    case Errc::inherit_invalid:
      return {400, 10057};
    case Errc::script_invalid:
      return {400, family == Family::d1 ? 7500 : 10021};
    case Errc::secret_not_found:
      return {404, 10056};
    case Errc::binding_unsupported:
      return {400, 10023};
    case Errc::not_latest:
      return {400, 10215};
    case Errc::wrong_worker:
      return {403, 10026};
    case Errc::secrets_changed:
      return {400, 10220};
    case Errc::branch_not_found:
      return {404, 12000};
    case Errc::preview_not_found:
      return {404, 10025};
    case Errc::preview_empty:
      return {404, 10032};
    case Errc::route_taken:
      return {409, 10020};
    case Errc::hostname_taken:
      return {409, 100116};
    case Errc::kv_namespace_not_found:
      return {404, 10013};
    case Errc::kv_key_not_found:
      return {404, 10009};
    case Errc::not_offered:
      return {404, 7003};
    case Errc::disk_full:
      return {507, 12507};
    case Errc::io:
    case Errc::corrupt:
    case Errc::internal:
      return {500, 12500};
  }
  return {500, 12500};
}

http::Response error_response(const http::Request& request, const Error& error) {
  const Family family = family_of(request.path);
  Refusal refusal = refusal_for(error.code, family);
  const bool comes_again = error.code == Errc::unavailable && !error.field.empty();
  if (comes_again) refusal.http_status = 503;
  if (error.code == Errc::conflict && family == Family::d1 && error.field == kFullAccount)
    refusal.code = 7406;
  if (family == Family::r2) refusal.code = r2_code(error, refusal.code);
  if (family == Family::queues) refusal.code = queues_code(error, refusal.code);
  const bool foreign_host = error.code == Errc::forbidden && error.field == kForeignHost;
  if (foreign_host) refusal = {421, 12421};
  // Some words carry what the caller sent, and JSON is UTF-8.
  const std::string words = to_valid_utf8(refusal.http_status == 500 ? report_fault(error, request)
                                          : foreign_host             ? error.message
                                                                     : words_for(error, family, request));
  if (error.code == Errc::disk_full)
    log::error("disk full method={} path={} error={}", request.method, log::quoted(loggable_path(request)),
               log::quoted(error.message));
  http::Response response =
      json_response(refusal.http_status, {{"success", false},
                                          {"errors", {{{"code", refusal.code}, {"message", words}}}},
                                          {"messages", json::array()},
                                          {"result", nullptr}});
  if (!request.id.empty()) response.headers.emplace_back("x-request-id", request.id);
  if (error.code == Errc::wrong_method) response.headers.emplace_back("allow", error.field);
  if (error.code == Errc::rate_limited) {
    response.headers.emplace_back("retry-after", error.field.empty() ? "60" : error.field);
  }
  if (comes_again) response.headers.emplace_back("retry-after", error.field);
  return response;
}

http::Response success_response(const json::value& result) {
  return success_response(result, nullptr);
}

http::Response success_response(const json::value& result, const json::value& info) {
  json::object body = {
      {"result", result}, {"success", true}, {"errors", json::array()}, {"messages", json::array()}};
  if (!info.is_null()) body["result_info"] = info;
  return json_response(200, body);
}

http::Response noted_response(const json::value& result, const std::string& note) {
  constexpr int kNote = 10000;
  json::array messages;
  if (!note.empty()) messages.push_back({{"code", kNote}, {"message", note}});
  return json_response(
      200, {{"result", result}, {"success", true}, {"errors", json::array()}, {"messages", messages}});
}

http::Response success_text(std::string_view result, const json::value& info) {
  constexpr std::string_view begin = R"({"result":)";
  constexpr std::string_view end = R"(,"success":true,"errors":[],"messages":[])";
  const std::string about = info.is_null() ? std::string() : json::serialize(info);
  http::Response response{200, {{"content-type", "application/json"}}, {}};
  std::string& body = response.body;
  body.reserve(begin.size() + result.size() + end.size() + about.size() + 32);
  body.append(begin).append(result).append(end);
  if (!about.empty()) body.append(",\"result_info\":").append(about);
  body.append("}");
  return response;
}

json::value page_info(int page, int per_page, std::size_t count, std::size_t total) {
  const auto size = static_cast<std::size_t>(per_page < 1 ? 1 : per_page);
  const std::size_t pages = total == 0 ? 1 : (total + size - 1) / size;
  return {{"page", page},         {"per_page", per_page},
          {"count", count},       {"total_count", total},
          {"total_pages", pages}, {"next_page", static_cast<std::size_t>(page) < pages}};
}

}  // namespace kiln::api
