// Settings of a Worker outside its versions, and the addresses it has.
#include "workers/settings.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "wire/json.h"
#include "workers/metadata.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

// What the latest version and the Worker say together.
Result<http::Reply> get_settings(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<store::Paged<model::Version>> newest = deps.ports.store.versions(worker->tag, {1, 1});
  if (!newest) return tl::unexpected<Error>(newest.error());
  json::object settings = workers::settings_of(*worker);
  settings["bindings"] = json::array();
  settings["usage_model"] = "standard";
  if (!newest->items.empty()) {
    const model::Version& version = newest->items[0];
    settings["bindings"] = stored_json(version.bindings_json, json::array());
    settings["compatibility_date"] = version.compatibility_date;
    settings["compatibility_flags"] = stored_json(version.compatibility_flags_json, json::array());
  }
  return success_response(std::move(settings));
}

Result<http::Reply> get_script_settings(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return success_response(workers::settings_of(*worker));
}

Result<http::Reply> patch_script_settings(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<json::object> changes = workers::script_settings_of(*body);
  if (!changes) return tl::unexpected<Error>(changes.error());
  const Result<model::Worker> changed = workers::change_settings(deps.ports, *worker, *changes);
  if (!changed) return tl::unexpected<Error>(changed.error());
  return success_response(workers::settings_of(*changed));
}

json::object schedules_record(const model::Worker& worker) {
  return {{"schedules", stored_json(worker.schedules_json, json::array())}};
}

Result<http::Reply> get_schedules(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return success_response(schedules_record(*worker));
}

Result<http::Reply> put_schedules(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::value> body = wire::parse_json(call.request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->is_array()) return fail(Errc::invalid, "The request's body must be a list of schedules.");
  const Result<model::Worker> changed = workers::change_schedules(deps.ports, *worker, body->get_array());
  if (!changed) return tl::unexpected<Error>(changed.error());
  return success_response(schedules_record(*changed));
}

json::object addresses_record(const model::Worker& worker) {
  return {{"enabled", worker.subdomain_enabled}, {"previews_enabled", worker.previews_enabled}};
}

Result<http::Reply> get_addresses(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return success_response(addresses_record(*worker));
}

Result<http::Reply> post_addresses(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  const std::optional<bool> enabled = fields.optional_bool("enabled");
  const std::optional<bool> previews = fields.optional_bool("previews_enabled");
  if (!enabled) fields.refuse("enabled", "is required");
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  const Result<model::Worker> changed = workers::change_addresses(deps.ports, *worker, *enabled, previews);
  if (!changed) return tl::unexpected<Error>(changed.error());
  return success_response(addresses_record(*changed));
}

Result<http::Reply> get_worker(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return success_response(worker_record(*worker, deps.ports.hosts.of(worker->account_id)));
}

}  // namespace

void add_settings_routes(const AddRoute& add, const WorkersDeps& deps) {
  using Answer = Result<http::Reply> (*)(const WorkersDeps&, const Call&);
  // Writes wait for the disk; reads do not.
  const auto read = [&](const std::string& path, Answer answer) {
    add("GET", path, Needs::scripts_read, {},
        [deps, answer](const Call& call) { return answer(deps, call); });
  };
  const auto write = [&](const char* method, const std::string& path, Answer answer) {
    add(method, path, Needs::scripts_write, {.max_body = 1U << 20U, .may_block = true},
        [deps, answer](const Call& call) { return answer(deps, call); });
  };
  read(script_path("/settings"), get_settings);
  read(script_path("/script-settings"), get_script_settings);
  write("PATCH", script_path("/script-settings"), patch_script_settings);
  read(script_path("/schedules"), get_schedules);
  write("PUT", script_path("/schedules"), put_schedules);
  read(script_path("/subdomain"), get_addresses);
  write("POST", script_path("/subdomain"), post_addresses);
  read("/accounts/{account_id}/workers/workers/{script_name}", get_worker);
  add("GET", "/accounts/{account_id}/workers/subdomain", Needs::scripts_read, {},
      [deps](const Call& call) -> Result<http::Reply> {
        return success_response(json::object{{"subdomain", deps.ports.hosts.of(call.account_id).subdomain}});
      });
}

}  // namespace kiln::api
