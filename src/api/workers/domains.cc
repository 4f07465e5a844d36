// Custom domains: whole hosts that lead to a Worker.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/zone_access.h"
#include "base/strings.h"
#include "wire/json.h"
#include "workers/host_routes.h"

namespace kiln::api {
namespace {

namespace json = boost::json;
using model::HostRoute;

constexpr wire::Fields::Text kHostText{1, 253, false};

json::object domain_record(const WorkersDeps& deps, const HostRoute& route) {
  const model::Zone* const zone = model::zone_of(deps.ports.zones, route.pattern);
  return {{"id", route.id},
          {"hostname", route.pattern},
          {"service", route.worker_name},
          {"environment", "production"},
          {"zone_id", zone == nullptr ? "" : model::zone_id(*zone)},
          {"zone_name", zone == nullptr ? "" : zone->name},
          {"cert_id", ""},
          {"enabled", route.enabled},
          {"previews_enabled", false}};
}

Result<std::vector<HostRoute>> domains_of(const WorkersDeps& deps, const Call& call) {
  Result<std::vector<HostRoute>> routes = host_routes_of(deps, call, call.account_id);
  if (routes)
    std::erase_if(*routes, [](const HostRoute& route) { return route.kind != HostRoute::Kind::domain; });
  return routes;
}

bool is_asked_for(const WorkersDeps& deps, const http::Request& request, const HostRoute& route) {
  const json::object record = domain_record(deps, route);
  const auto fits = [&record](const char* key, const std::optional<std::string>& wanted) {
    return !wanted || wanted->empty() || *wanted == record.at(key).as_string();
  };
  return fits("hostname", request.query_value("hostname")) &&
         fits("service", request.query_value("service")) &&
         fits("environment", request.query_value("environment")) &&
         fits("zone_id", request.query_value("zone_id")) &&
         fits("zone_name", request.query_value("zone_name"));
}

Result<http::Reply> list_domains(const WorkersDeps& deps, const Call& call) {
  const Result<std::vector<HostRoute>> routes = domains_of(deps, call);
  if (!routes) return tl::unexpected<Error>(routes.error());
  json::array list;
  for (const HostRoute& route : *routes) {
    if (is_asked_for(deps, call.request, route)) list.push_back(domain_record(deps, route));
  }
  return success_response(std::move(list));
}

Result<HostRoute> domain_in_path(const WorkersDeps& deps, const Call& call) {
  const Result<std::vector<HostRoute>> routes = domains_of(deps, call);
  if (!routes) return tl::unexpected<Error>(routes.error());
  for (const HostRoute& route : *routes) {
    if (route.id == call.request.param("domain_id")) return route;
  }
  return fail(Errc::not_offered, "There is no such custom domain on your account.");
}

Result<http::Reply> get_domain(const WorkersDeps& deps, const Call& call) {
  const Result<HostRoute> route = domain_in_path(deps, call);
  if (!route) return tl::unexpected<Error>(route.error());
  return success_response(domain_record(deps, *route));
}

Result<http::Reply> delete_domain(const WorkersDeps& deps, const Call& call) {
  const Result<HostRoute> route = domain_in_path(deps, call);
  if (!route) return tl::unexpected<Error>(route.error());
  if (const Status gone = deps.ports.host_routes.delete_host_route(call.account_id, route->id); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(nullptr);
}

// {"hostname","enabled","previews_enabled","zone_id","zone_name"}; of the zone the host itself tells.
Result<workers::RouteWish> wish_of(const json::value& value) {
  const json::object* origin = value.if_object();
  if (origin == nullptr)
    return fail(Errc::invalid, R"(Custom domains must be a list of {"hostname":"…"}.)", "hostname");
  wire::Fields fields(*origin);
  workers::RouteWish wish{HostRoute::Kind::domain, fields.required_text("hostname", kHostText), true};
  wish.enabled = fields.optional_bool("enabled").value_or(true);
  const bool previews = fields.optional_bool("previews_enabled").value_or(false);
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  if (previews) {
    return fail(Errc::not_offered,
                "Kiln's previews answer at addresses of their own and not below custom domains: take "
                "previews_enabled out of the route of " +
                    to_valid_utf8(wish.pattern) + " in the wrangler configuration.",
                "previews_enabled");
  }
  return wish;
}

Result<std::vector<workers::RouteWish>> wishes_of(const json::value& list) {
  if (!list.is_array()) return fail(Errc::invalid, "Custom domains must be a list.", "origins");
  std::vector<workers::RouteWish> wishes;
  for (const json::value& item : list.get_array()) {
    Result<workers::RouteWish> wish = wish_of(item);
    if (!wish) return tl::unexpected<Error>(wish.error());
    wishes.push_back(*std::move(wish));
  }
  return wishes;
}

// What PUT …/domains/records would do, for a client that asks its user first.
Result<http::Reply> post_changeset(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::value> body = wire::parse_json(call.request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<std::vector<workers::RouteWish>> wishes = wishes_of(*body);
  if (!wishes) return tl::unexpected<Error>(wishes.error());
  const Result<std::vector<HostRoute>> routes = deps.ports.host_routes.host_routes(call.account_id);
  if (!routes) return tl::unexpected<Error>(routes.error());
  json::array added;
  json::array updated;
  json::array removed;
  std::vector<std::string> wanted;
  for (const workers::RouteWish& wish : *wishes) {
    Result<HostRoute> fresh = workers::route_for(deps.ports, call.account_id, worker->tag, wish);
    if (!fresh) return tl::unexpected<Error>(fresh.error());
    fresh->worker_name = worker->name;
    wanted.push_back(fresh->pattern);
    const auto there = std::find_if(routes->begin(), routes->end(),
                                    [&](const HostRoute& one) { return one.pattern == fresh->pattern; });
    if (there == routes->end()) {
      added.push_back(domain_record(deps, *fresh));
      continue;
    }
    json::object record = domain_record(deps, *fresh);
    record["id"] = there->id;
    record["modified"] = there->worker_tag != worker->tag || there->enabled != fresh->enabled;
    updated.push_back(std::move(record));
  }
  if (call.request.query_value("replace_state") == "true") {
    for (const HostRoute& route : *routes) {
      const bool stays = std::find(wanted.begin(), wanted.end(), route.pattern) != wanted.end();
      if (!stays && route.kind == HostRoute::Kind::domain && route.worker_tag == worker->tag)
        removed.push_back(domain_record(deps, route));
    }
  }
  return success_response(json::object{{"added", std::move(added)},
                                       {"removed", std::move(removed)},
                                       {"updated", std::move(updated)},
                                       {"conflicting", json::array()}});
}

Result<http::Reply> domains_now(const WorkersDeps& deps, const model::Worker& worker) {
  const Result<std::vector<HostRoute>> now = deps.ports.host_routes.host_routes(worker.account_id);
  if (!now) return tl::unexpected<Error>(now.error());
  json::array list;
  for (const HostRoute& route : *now) {
    if (route.worker_tag == worker.tag && route.kind == HostRoute::Kind::domain)
      list.push_back(domain_record(deps, route));
  }
  return success_response(std::move(list));
}

// {"origins":[…],"override_scope","override_existing_origin"}: all custom domains of the Worker, or without
// override_scope some more; with override_existing_origin also those that another Worker of the account has.
Result<http::Reply> put_records(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  store::RouteChange change;
  change.replace = fields.optional_bool("override_scope").value_or(false);
  change.take_over = fields.optional_bool("override_existing_origin").value_or(false);
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  const json::value* const origins = body->if_contains("origins");
  if (origins == nullptr) return fail(Errc::invalid, "The request has no origins.", "origins");
  if (const Status set = workers::set_host_routes(deps.ports, actor_of(call), *worker,
                                                  HostRoute::Kind::domain, wishes_of(*origins), change);
      !set)
    return tl::unexpected<Error>(set.error());
  return domains_now(deps, *worker);
}

// {"hostname","service"}: one more of the Worker that it names.
Result<http::Reply> put_domain(const WorkersDeps& deps, const Call& call) {
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<workers::RouteWish> wish = wish_of(*body);
  if (!wish) return tl::unexpected<Error>(wish.error());
  wire::Fields fields(*body);
  const std::string service = fields.required_text("service", {1, 63, false});
  const bool take_over = fields.optional_bool("override_existing_origin").value_or(false);
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  if (const Status may = check_may_write(call, service); !may) return tl::unexpected<Error>(may.error());
  const Result<model::Worker> worker = deps.ports.workers.worker(call.account_id, service);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<HostRoute> fresh = workers::route_for(deps.ports, call.account_id, worker->tag, *wish);
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  if (const Status stored = deps.ports.host_routes.put_host_route(*fresh, take_over && !call.who.build);
      !stored)
    return tl::unexpected<Error>(stored.error());
  const Result<std::vector<HostRoute>> now = deps.ports.host_routes.host_routes(call.account_id);
  if (!now) return tl::unexpected<Error>(now.error());
  for (const HostRoute& route : *now) {
    if (route.pattern == fresh->pattern) return success_response(domain_record(deps, route));
  }
  return fail(Errc::conflict, "The custom domain was removed again meanwhile.");
}

}  // namespace

void add_domain_routes(const AddRoute& add, const WorkersDeps& deps) {
  using Answer = Result<http::Reply> (*)(const WorkersDeps&, const Call&);
  const auto route = [&](const char* method, const std::string& path, Needs needs, Answer answer) {
    add(method, path, needs, {}, [deps, answer](const Call& call) { return answer(deps, call); });
  };
  const std::string domains = "/accounts/{account_id}/workers/domains";
  // wrangler has names of its own for reading them.
  for (const std::string& path : {domains, domains + "/records"}) {
    route("GET", path, Needs::scripts_read, list_domains);
    route("GET", path + "/{domain_id}", Needs::scripts_read, get_domain);
  }
  route("PUT", domains, Needs::scripts_write, put_domain);
  route("DELETE", domains + "/{domain_id}", Needs::scripts_write, delete_domain);
  route("POST", script_path("/domains/changeset"), Needs::scripts_write, post_changeset);
  route("PUT", script_path("/domains/records"), Needs::scripts_write, put_records);
}

}  // namespace kiln::api
