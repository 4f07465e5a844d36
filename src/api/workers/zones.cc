// Zones, which are the domains that the operator lists, and the routes in them.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/zone_access.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "wire/json.h"
#include "workers/host_routes.h"

namespace kiln::api {
namespace {

namespace json = boost::json;
using model::HostRoute;

constexpr wire::Fields::Text kPatternText{1, 2048, false};

json::object zone_record(const OwnZone& own) {
  return {{"id", model::zone_id(own.zone)},
          {"name", own.zone.name},
          {"status", "active"},
          {"paused", false},
          {"type", "full"},
          {"account", {{"id", own.account.id}, {"name", own.account.name}}}};
}

json::object route_record(const HostRoute& route) {
  json::object record = {{"id", route.id}, {"pattern", route.pattern}};
  if (!route.worker_name.empty()) record["script"] = route.worker_name;
  return record;
}

// A client that deploys asks for the zones of its routes when the new version is live, and ends when it finds
// none: then this is where the build's routes are refused.
Error no_zone(const WorkersDeps& deps, const Call& call, const Error& why) {
  if (!call.who.build || call.who.build->previews_only()) return why;
  const Result<model::Worker> worker =
      deps.ports.workers.worker(call.account_id, call.who.build->worker_name);
  return worker ? workers::refuse_routes(deps.ports, actor_of(call), *worker, why) : why;
}

// By `name`, an exact one. A client that looks for the zone of a host asks for the host's own name first and
// for those above it then; where none of them is here, the answer says what to do.
Result<http::Reply> list_zones(const WorkersDeps& deps, const Call& call) {
  const Result<std::vector<OwnZone>> zones = zones_of(deps, call);
  if (!zones) return tl::unexpected<Error>(zones.error());
  const std::optional<std::string> given = call.request.query_value("name");
  const std::string name = to_lower(given.value_or(""));
  const store::Page page = page_of(call.request, 20, 50);
  const auto first = static_cast<std::size_t>(page.page - 1) * static_cast<std::size_t>(page.per_page);
  json::array list;
  std::size_t total = 0;
  for (const OwnZone& own : *zones) {
    if (given && own.zone.name != name) continue;
    if (total >= first && list.size() < static_cast<std::size_t>(page.per_page))
      list.push_back(zone_record(own));
    ++total;
  }
  if (given && total == 0 && !call.account_id.empty()) {
    if (const Result<model::Zone> there = workers::zone_for(deps.ports, call.account_id, name); !there)
      return tl::unexpected<Error>(no_zone(deps, call, there.error()));
  }
  const std::size_t count = list.size();
  return success_response(std::move(list), page_info(page.page, page.per_page, count, total));
}

Result<http::Reply> get_zone(const WorkersDeps& deps, const Call& call) {
  const Result<OwnZone> own = zone_in_path(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  return success_response(zone_record(*own));
}

bool is_in_zone(const WorkersDeps& deps, const HostRoute& route, const model::Zone& zone) {
  const model::Zone* const found = model::zone_of(deps.ports.zones, host_of(route));
  return found != nullptr && *found == zone;
}

Result<http::Reply> list_routes(const WorkersDeps& deps, const Call& call) {
  const Result<OwnZone> own = zone_in_path(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  const Result<std::vector<HostRoute>> routes = host_routes_of(deps, call, own->account.id);
  if (!routes) return tl::unexpected<Error>(routes.error());
  json::array list;
  for (const HostRoute& route : *routes) {
    if (route.kind == HostRoute::Kind::route && is_in_zone(deps, route, own->zone))
      list.push_back(route_record(route));
  }
  return success_response(std::move(list));
}

Result<HostRoute> route_in_path(const WorkersDeps& deps, const Call& call, const OwnZone& own) {
  const Result<std::vector<HostRoute>> routes = host_routes_of(deps, call, own.account.id);
  if (!routes) return tl::unexpected<Error>(routes.error());
  for (const HostRoute& route : *routes) {
    if (route.id == call.request.param("route_id") && route.kind == HostRoute::Kind::route &&
        is_in_zone(deps, route, own.zone))
      return route;
  }
  return fail(Errc::not_offered, "There is no such route in the zone " + own.zone.name + ".");
}

Result<http::Reply> get_route(const WorkersDeps& deps, const Call& call) {
  const Result<OwnZone> own = zone_in_path(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  const Result<HostRoute> route = route_in_path(deps, call, *own);
  if (!route) return tl::unexpected<Error>(route.error());
  return success_response(route_record(*route));
}

// {"pattern","script"}, checked; without a script no Worker answers there. `before`: the one that it
// replaces, or null.
Result<http::Reply> store_route(const WorkersDeps& deps, const Call& call, const OwnZone& own,
                                const HostRoute* before) {
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  const std::string pattern = fields.required_text("pattern", kPatternText);
  const std::string script = fields.optional_text("script", {0, 63, false}).value_or("");
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  if (const Status may = check_may_write(call, script); !may) return tl::unexpected<Error>(may.error());
  std::string tag;
  if (!script.empty()) {
    const Result<model::Worker> worker = deps.ports.workers.worker(own.account.id, script);
    if (!worker) return tl::unexpected<Error>(worker.error());
    tag = worker->tag;
  }
  Result<HostRoute> route =
      workers::route_for(deps.ports, own.account.id, tag, {HostRoute::Kind::route, pattern, true});
  if (!route) return tl::unexpected<Error>(route.error());
  if (!is_in_zone(deps, *route, own.zone))
    return fail(Errc::invalid, "The pattern does not lie in the zone " + own.zone.name + ".", "pattern");
  if (before != nullptr) {
    route->id = before->id;
    route->created_on = before->created_on;
  }
  if (const Status stored = deps.ports.host_routes.put_host_route(*route, false); !stored)
    return tl::unexpected<Error>(stored.error());
  route->worker_name = script;
  return success_response(route_record(*route));
}

Result<http::Reply> post_route(const WorkersDeps& deps, const Call& call) {
  const Result<OwnZone> own = zone_in_path(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  return store_route(deps, call, *own, nullptr);
}

Result<http::Reply> put_route(const WorkersDeps& deps, const Call& call) {
  const Result<OwnZone> own = zone_in_path(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  const Result<HostRoute> before = route_in_path(deps, call, *own);
  if (!before) return tl::unexpected<Error>(before.error());
  return store_route(deps, call, *own, &*before);
}

Result<http::Reply> delete_route(const WorkersDeps& deps, const Call& call) {
  const Result<OwnZone> own = zone_in_path(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  const Result<HostRoute> route = route_in_path(deps, call, *own);
  if (!route) return tl::unexpected<Error>(route.error());
  if (const Status gone = deps.ports.host_routes.delete_host_route(own->account.id, route->id); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(json::object{{"id", route->id}});
}

json::array records_of(const std::vector<HostRoute>& routes, const model::Worker& worker) {
  json::array list;
  for (const HostRoute& route : routes) {
    if (route.worker_tag == worker.tag && route.kind == HostRoute::Kind::route)
      list.push_back(route_record(route));
  }
  return list;
}

// What clients add of a zone is left to the pattern.
Result<std::vector<workers::RouteWish>> wishes_of_routes(const json::value& body) {
  if (!body.is_array()) return fail(Errc::invalid, "The request's body must be a list of routes.");
  std::vector<workers::RouteWish> wishes;
  for (const json::value& item : body.get_array()) {
    const json::object* route = item.if_object();
    if (route == nullptr)
      return fail(Errc::invalid, R"(Routes must be a list of {"pattern":"…"}.)", "pattern");
    wire::Fields fields(*route);
    wishes.push_back({HostRoute::Kind::route, fields.required_text("pattern", kPatternText), true});
    if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  }
  return wishes;
}

// [{"pattern"}, …]: all routes of the Worker.
Result<http::Reply> put_script_routes(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::value> body = wire::parse_json(call.request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  if (const Status set = workers::set_host_routes(deps.ports, actor_of(call), *worker, HostRoute::Kind::route,
                                                  wishes_of_routes(*body), {});
      !set)
    return tl::unexpected<Error>(set.error());
  const Result<std::vector<HostRoute>> now = deps.ports.host_routes.host_routes(worker->account_id);
  if (!now) return tl::unexpected<Error>(now.error());
  return success_response(records_of(*now, *worker));
}

}  // namespace

Result<std::vector<OwnZone>> zones_of(const WorkersDeps& deps, const Call& call) {
  std::vector<OwnZone> zones;
  if (deps.ports.zones.empty()) return zones;
  const Result<std::vector<model::Account>> accounts = deps.accounts.accounts();
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  for (const model::Zone& zone : deps.ports.zones) {
    for (const model::Account& account : *accounts) {
      const bool may = call.account_id.empty() ? call.who.is_admin : call.account_id == account.id;
      if (may && account.subdomain == zone.subdomain) zones.push_back({zone, account});
    }
  }
  return zones;
}

Result<OwnZone> zone_in_path(const WorkersDeps& deps, const Call& call) {
  const Result<std::vector<OwnZone>> zones = zones_of(deps, call);
  if (!zones) return tl::unexpected<Error>(zones.error());
  for (const OwnZone& own : *zones) {
    if (model::zone_id(own.zone) == call.request.param("zone_id")) return own;
  }
  return fail(Errc::not_offered,
              "This Kiln has no zone of that id: ids of another platform's zones are not known here. Leave "
              "zone_id out of the wrangler configuration; the pattern says it all.");
}

Result<std::vector<HostRoute>> host_routes_of(const WorkersDeps& deps, const Call& call,
                                              const std::string& account_id) {
  Result<std::vector<HostRoute>> routes = deps.ports.host_routes.host_routes(account_id);
  if (routes && call.who.build) {
    std::erase_if(*routes,
                  [&](const HostRoute& route) { return route.worker_tag != call.who.build->worker_tag; });
  }
  return routes;
}

std::string host_of(const HostRoute& route) {
  if (route.kind == HostRoute::Kind::domain) return route.pattern;
  const Result<model::RoutePattern> pattern = model::RoutePattern::parse(route.pattern);
  return pattern ? pattern->host : std::string();
}

void add_zone_routes(const AddRoute& add, const WorkersDeps& deps) {
  using Answer = Result<http::Reply> (*)(const WorkersDeps&, const Call&);
  const auto route = [&](const char* method, const std::string& path, Needs needs, Answer answer) {
    add(method, path, needs, {}, [deps, answer](const Call& call) { return answer(deps, call); });
  };
  const std::string routes = "/zones/{zone_id}/workers/routes";
  add("GET", "/zones", Needs::scripts_read, {.work = http::Work::store},
      [deps](const Call& call) { return list_zones(deps, call); });
  route("GET", "/zones/{zone_id}", Needs::scripts_read, get_zone);
  route("GET", routes, Needs::scripts_read, list_routes);
  route("POST", routes, Needs::scripts_write, post_route);
  route("GET", routes + "/{route_id}", Needs::scripts_read, get_route);
  route("PUT", routes + "/{route_id}", Needs::scripts_write, put_route);
  route("DELETE", routes + "/{route_id}", Needs::scripts_write, delete_route);
  route("PUT", script_path("/routes"), Needs::scripts_write, put_script_routes);
}

}  // namespace kiln::api
