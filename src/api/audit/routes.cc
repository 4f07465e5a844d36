#include "api/audit/routes.h"

#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/time_format.h"
#include "wire/or_null.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr int kUsualEntries = 50;
constexpr int kMostEntries = 200;

json::value audit_entry_json(const model::AuditEntry& entry) {
  boost::system::error_code broken;
  json::value changes = json::parse(entry.changes_json, broken);
  return {{"id", std::to_string(entry.number)},
          {"created_on", format_rfc3339(entry.at)},
          {"account_id", wire::text_or_null(entry.account_id)},
          {"who", {{"kind", entry.who.kind}, {"id", entry.who.id}, {"name", entry.who.name}}},
          {"address", entry.address},
          {"action", entry.action},
          {"target", entry.target},
          {"request_id", wire::text_or_null(entry.request_id)},
          {"changes", broken ? json::value(json::array()) : std::move(changes)}};
}

Result<std::optional<TimeMs>> time_in(const char* name, const std::optional<std::string>& text) {
  if (!text) return std::optional<TimeMs>();
  const Result<TimeMs> time = parse_rfc3339(*text);
  if (time) return std::optional<TimeMs>(*time);
  return fail(Errc::invalid,
              std::string("Invalid request: ") + name + " must be a UTC time such as 2027-01-31T00:00:00Z",
              name);
}

Result<http::Reply> list_audit(const AuditDeps& deps, const Call& call, model::AuditFilter filter) {
  const http::Request& request = call.request;
  const Result<int> most = builds::number_of(request, "per_page", kUsualEntries, kMostEntries);
  if (!most) return tl::unexpected<Error>(most.error());
  const auto below = builds::cursor_of(request);
  if (!below) return tl::unexpected<Error>(below.error());
  const auto since = time_in("since", request.query_value("since"));
  if (!since) return tl::unexpected<Error>(since.error());
  const auto until = time_in("until", request.query_value("until"));
  if (!until) return tl::unexpected<Error>(until.error());
  filter.since = *since;
  filter.until = *until;
  filter.action = request.query_value("action").value_or("");
  filter.who = request.query_value("who").value_or("");
  filter.target = request.query_value("target").value_or("");
  const auto found = deps.store.entries(filter, *below, *most);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array entries;
  for (const model::AuditEntry& entry : *found) entries.push_back(audit_entry_json(entry));
  const bool more = found->size() == static_cast<std::size_t>(*most);
  return success_response(
      {{"entries", std::move(entries)},
       {"cursor", more ? json::value(std::to_string(found->back().number)) : json::value(nullptr)}});
}

}  // namespace

void add_audit_routes(http::Router& router, const Gate& gate, const AuditDeps& deps) {
  router.add("GET", "/kiln/v1/audit", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return list_audit(deps, call, {}); }));
  router.add("GET", "/kiln/v1/accounts/{account_id}/audit", {},
             gate.guard(Needs::admin, [deps](const Call& call) {
               model::AuditFilter filter;
               filter.account_id = call.account_id;
               return list_audit(deps, call, std::move(filter));
             }));
}

}  // namespace kiln::api
