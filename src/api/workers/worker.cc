// Workers as records of their own, by name or tag: what they are called, their settings and addresses, and
// who refers to them.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "model/host_route.h"
#include "model/zone.h"
#include "wire/json.h"
#include "workers/metadata.h"
#include "workers/names.h"
#include "workers/references.h"
#include "workers/settings.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

using WorkerList = std::vector<model::Worker>;

// The Workers of an account, and what leads to each.
struct Account {
  WorkerList workers;
  std::map<std::string, workers::References> references;  // by tag
  std::vector<model::HostRoute> routes;
};

Result<Account> read_account(const WorkersDeps& deps, const std::string& account_id) {
  Result<WorkerList> all = deps.ports.workers.workers(account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  Result<std::map<std::string, workers::References>> references = workers::references_among(deps.ports, *all);
  if (!references) return tl::unexpected<Error>(references.error());
  Result<std::vector<model::HostRoute>> routes = deps.ports.host_routes.host_routes(account_id);
  if (!routes) return tl::unexpected<Error>(routes.error());
  return Account{*std::move(all), *std::move(references), *std::move(routes)};
}

json::array custom_domains(const WorkersDeps& deps, const std::string& tag, const Account& account) {
  json::array out;
  for (const model::HostRoute& route : account.routes) {
    if (route.worker_tag != tag || route.kind != model::HostRoute::Kind::domain) continue;
    const model::Zone* const zone = model::zone_of(deps.ports.zones, route.pattern);
    out.push_back({{"id", route.id},
                   {"certificate_id", ""},
                   {"hostname", route.pattern},
                   {"zone_id", zone == nullptr ? "" : model::zone_id(*zone)},
                   {"zone_name", zone == nullptr ? "" : zone->name}});
  }
  return out;
}

json::object references_record(const WorkersDeps& deps, const std::string& tag, const Account& account) {
  json::array bound;
  const std::vector<std::string>& incoming = account.references.at(tag).incoming;
  for (const model::Worker& worker : account.workers) {
    if (std::find(incoming.begin(), incoming.end(), worker.name) != incoming.end())
      bound.push_back({{"id", worker.tag}, {"name", worker.name}});
  }
  return {{"workers", std::move(bound)},
          {"dispatch_namespace_outbounds", json::array()},
          {"domains", custom_domains(deps, tag, account)},
          {"durable_objects", json::array()},
          {"queues", json::array()}};
}

// Here consumers of tails are [{"name"}], where scripts have [{"service"}]: either is taken, both are shown.
json::value with_both_names(const json::value& consumers) {
  const json::array* list = consumers.if_array();
  if (list == nullptr) return consumers;
  json::array out;
  for (json::value item : *list) {
    if (json::object* consumer = item.if_object()) {
      const json::value* name = consumer->if_contains("name");
      const json::value* service = consumer->if_contains("service");
      // Copied first: what is added may move what is there.
      if (name != nullptr && service == nullptr) consumer->emplace("service", json::value(*name));
      if (service != nullptr && name == nullptr) consumer->emplace("name", json::value(*service));
    }
    out.push_back(std::move(item));
  }
  return out;
}

Result<json::object> settings_in(const json::object& body) {
  Result<json::object> settings = workers::script_settings_of(body);
  if (settings && settings->contains("tail_consumers"))
    (*settings)["tail_consumers"] = with_both_names(settings->at("tail_consumers"));
  return settings;
}

// What the Worker itself does not hold: who refers to it, and when it was deployed.
Result<json::object> whole_record(const WorkersDeps& deps, const model::Worker& worker,
                                  const Account& account) {
  const Result<store::Paged<model::Deployment>> newest = deps.ports.versions.deployments(worker.tag, {1, 1});
  if (!newest) return tl::unexpected<Error>(newest.error());
  json::object record = worker_record(worker, deps.ports.hosts.of(worker.account_id));
  record["tail_consumers"] = with_both_names(record["tail_consumers"]);
  record["references"] = references_record(deps, worker.tag, account);
  record["deployed_on"] = nullptr;
  if (!newest->items.empty()) record["deployed_on"] = format_rfc3339(newest->items[0].created_on);
  return record;
}

Result<http::Reply> worker_reply(const WorkersDeps& deps, const model::Worker& worker) {
  const Result<Account> account = read_account(deps, worker.account_id);
  if (!account) return tl::unexpected<Error>(account.error());
  if (!account->references.contains(worker.tag))
    return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
  const Result<json::object> record = whole_record(deps, worker, *account);
  if (!record) return tl::unexpected<Error>(record.error());
  return success_response(*record);
}

Result<http::Reply> get_worker(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return worker_reply(deps, *worker);
}

// ?order_by=: as `deployed_on` the time of the last change stands, which a deployment is.
bool is_before(const model::Worker& one, const model::Worker& other, const std::string& order_by) {
  if (order_by == "name") return one.name < other.name;
  if (order_by == "created_on") return one.created_on < other.created_on;
  return one.modified_on < other.modified_on;
}

Result<http::Reply> list_workers(const WorkersDeps& deps, const Call& call) {
  const Result<Account> account = read_account(deps, call.account_id);
  if (!account) return tl::unexpected<Error>(account.error());
  WorkerList shown = account->workers;
  std::erase_if(shown, [&](const model::Worker& worker) {
    return call.who.build && call.who.build->worker_tag != worker.tag;
  });
  const std::string order_by = call.request.query_value("order_by").value_or("created_on");
  const bool rising = call.request.query_value("order") == "asc";
  std::stable_sort(shown.begin(), shown.end(), [&](const auto& one, const auto& other) {
    return rising ? is_before(one, other, order_by) : is_before(other, one, order_by);
  });
  json::array list;
  const store::Page page = page_of(call.request, 10, 100);
  for (const model::Worker& worker : page_in(shown, page)) {
    Result<json::object> record = whole_record(deps, worker, *account);
    if (!record) return tl::unexpected<Error>(record.error());
    list.push_back(*std::move(record));
  }
  const std::size_t count = list.size();
  return success_response(std::move(list), page_info(page.page, page.per_page, count, shown.size()));
}

struct Addresses {
  std::optional<bool> enabled;
  std::optional<bool> previews;
};

// The `subdomain` of a Worker's record.
Result<Addresses> addresses_of(const json::object& body) {
  const json::value* value = body.if_contains("subdomain");
  if (value == nullptr) return Addresses{};
  const json::object* subdomain = value->if_object();
  if (subdomain == nullptr) return fail(Errc::invalid, "subdomain must be an object.", "subdomain");
  wire::Fields fields(*subdomain);
  const Addresses addresses{fields.optional_bool("enabled"), fields.optional_bool("previews_enabled")};
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  return addresses;
}

// What a body may ask for and Kiln does not do.
Status check_offered(const json::object& body) {
  if (!body.contains("previews_base_config")) return {};
  return fail(Errc::not_offered,
              "Kiln keeps no base configuration that the previews of a Worker share: put variables into the "
              "`previews` block of the wrangler configuration, and secrets into a preview with `wrangler "
              "preview secret put`.");
}

Status check_same_name(const json::object& body, const model::Worker& worker, bool required) {
  wire::Fields fields(body);
  const std::optional<std::string> name = fields.optional_text("name", {1, 63, false});
  if (!name && required && fields.status()) fields.refuse("name", "is required");
  if (Status read = fields.status(); !read) return read;
  if (!name || *name == worker.name) return {};
  return fail(Errc::not_offered,
              "Kiln does not rename Workers, since their addresses and other Workers' "
              "bindings name them: deploy '" +
                  to_valid_utf8(*name) + "' beside '" + worker.name + "', then delete that.");
}

// {"name","subdomain":{"enabled","previews_enabled"},"tags",…}: a Worker without versions, which a client
// needs before a preview of it.
Result<http::Reply> post_worker(const WorkersDeps& deps, const Call& call) {
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  const std::string name = fields.required_text("name", {1, 63, false});
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  if (const Status may = check_may_write(call, name); !may) return tl::unexpected<Error>(may.error());
  if (call.who.build) return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
  if (const Status fits = workers::check_worker_name(name); !fits) return tl::unexpected<Error>(fits.error());
  const Result<Addresses> given = addresses_of(*body);
  if (!given) return tl::unexpected<Error>(given.error());
  const Result<json::object> settings = settings_in(*body);
  if (!settings) return tl::unexpected<Error>(settings.error());
  model::Worker fresh;
  fresh.subdomain_enabled = given->enabled.value_or(true);
  fresh.previews_enabled = given->previews.value_or(fresh.subdomain_enabled);
  fresh.tag = deps.ports.entropy.hex32();
  fresh.account_id = call.account_id;
  fresh.name = name;
  fresh.created_on = fresh.modified_on = deps.ports.clock.now();
  Result<model::Worker> made = deps.ports.workers.ensure_worker(fresh);
  if (!made) return tl::unexpected<Error>(made.error());
  if (made->tag != fresh.tag) {
    return fail(Errc::conflict, "There is a Worker named '" + name + "' already.", "name");
  }
  if (!settings->empty()) made = workers::change_settings(deps.ports, *made, *settings);
  if (!made) return tl::unexpected<Error>(made.error());
  return worker_reply(deps, *made);
}

Result<http::Reply> change_worker(const WorkersDeps& deps, const model::Worker& worker,
                                  const json::object& settings, bool enabled, std::optional<bool> previews) {
  Result<model::Worker> changed = workers::change_settings(deps.ports, worker, settings);
  const bool same = worker.subdomain_enabled == enabled &&
                    previews.value_or(worker.previews_enabled) == worker.previews_enabled;
  if (changed && !same) changed = workers::change_addresses(deps.ports, *changed, enabled, previews);
  if (!changed) return tl::unexpected<Error>(changed.error());
  return worker_reply(deps, *changed);
}

Result<http::Reply> patch_worker(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  if (const Status has = check_offered(*body); !has) return tl::unexpected<Error>(has.error());
  if (const Status same = check_same_name(*body, *worker, false); !same)
    return tl::unexpected<Error>(same.error());
  const Result<json::object> settings = settings_in(*body);
  if (!settings) return tl::unexpected<Error>(settings.error());
  const Result<Addresses> given = addresses_of(*body);
  if (!given) return tl::unexpected<Error>(given.error());
  return change_worker(deps, *worker, *settings, given->enabled.value_or(worker->subdomain_enabled),
                       given->previews);
}

// The whole record: what the body leaves out is as of a Worker that is new.
Result<http::Reply> put_worker(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  if (const Status has = check_offered(*body); !has) return tl::unexpected<Error>(has.error());
  if (const Status same = check_same_name(*body, *worker, true); !same)
    return tl::unexpected<Error>(same.error());
  const Result<json::object> given_settings = settings_in(*body);
  if (!given_settings) return tl::unexpected<Error>(given_settings.error());
  json::object settings = {{"observability", json::object{{"enabled", false}}},
                           {"logpush", false},
                           {"tags", json::array()},
                           {"tail_consumers", json::array()}};
  for (const auto& [key, value] : *given_settings) {
    if (!value.is_null()) settings[key] = value;
  }
  const Result<Addresses> given = addresses_of(*body);
  if (!given) return tl::unexpected<Error>(given.error());
  const bool enabled = given->enabled.value_or(true);
  return change_worker(deps, *worker, settings, enabled, given->previews.value_or(enabled));
}

}  // namespace

void add_worker_routes(const AddRoute& add, const WorkersDeps& deps) {
  const std::string all = "/accounts/{account_id}/workers/workers";
  const std::string one = all + "/{script_name}";
  const auto route = [&](const char* method, const std::string& path, const http::RouteOptions& options,
                         Result<http::Reply> (*answer)(const WorkersDeps&, const Call&)) {
    const bool reads = std::string_view(method) == "GET";
    add(method, path, reads ? Needs::scripts_read : Needs::scripts_write, options,
        [deps, answer](const Call& call) { return answer(deps, call); });
  };
  const http::RouteOptions edit{.max_body = 16U << 20U, .work = http::Work::upload};
  route("GET", all, {}, list_workers);
  route("POST", all, edit, post_worker);
  route("GET", one, {}, get_worker);
  route("PATCH", one, edit, patch_worker);
  route("PUT", one, edit, put_worker);
}

}  // namespace kiln::api
