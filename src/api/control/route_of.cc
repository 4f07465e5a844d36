// Which version answers at a URL, for `kiln which URL`: decided by the same store as the front decides.
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "api/error_table.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

Result<http::Reply> route(const ControlDeps& deps, const Call& call) {
  const std::optional<std::string> host = call.request.query_value("host");
  if (!host) return fail(Errc::invalid, "Invalid request: the query has no host", "host");
  UrlAsked url{*host, call.request.query_value("target").value_or("/"),
               call.request.query_value("scheme") == "https"};
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const Result<store::Route> found = deps.route(url);
  if (!found) return tl::unexpected<Error>(found.error());
  if (!call.who.is_admin && found->account_id != call.account_id)
    return fail(Errc::not_found, "no Worker of this account answers there");
  json::array versions;
  for (const model::DeploymentTarget& target : found->versions) {
    versions.push_back({{"version_id", target.version_id.str()}, {"percentage", target.percentage}});
  }
  return success_response(json::value{{"account_id", found->account_id},
                                      {"worker", found->worker_name},
                                      {"preview", found->preview},
                                      {"versions", std::move(versions)}});
}

}  // namespace

void add_route_of(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/route", {},
             gate.guard(Needs::any, [deps](const Call& call) { return route(*deps, call); }));
}

}  // namespace kiln::api::control
