// Settings of a Worker outside its versions, and the addresses it has.
#include "workers/settings.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "base/time_format.h"
#include "model/cron.h"
#include "wire/json.h"
#include "workers/metadata.h"
#include "workers/multipart.h"
#include "workers/settings_patch.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

// What the Worker says and, where there is one, the version that the next is made from.
json::object settings_record(const model::Worker& worker, const std::optional<model::Version>& base) {
  json::object settings = workers::settings_of(worker);
  settings["bindings"] = json::array();
  settings["usage_model"] = "standard";
  if (!base) return settings;
  settings["bindings"] = stored_json(base->bindings_json, json::array());
  settings["compatibility_date"] = base->compatibility_date;
  settings["compatibility_flags"] = stored_json(base->compatibility_flags_json, json::array());
  return settings;
}

// A Worker without a version does not exist for those who ask here: older clients then upload an empty one
// and change its bindings.
Result<http::Reply> get_settings(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::optional<model::Version>> base = deps.ports.versions.base_version(worker->tag);
  if (!base) return tl::unexpected<Error>(base.error());
  if (!*base) {
    return fail(Errc::worker_not_found, "This Worker does not exist on your account: it has no version yet.");
  }
  return success_response(settings_record(*worker, *base));
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

// Multipart with a part `settings`: how older clients change bindings.
Result<http::Reply> patch_settings(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::vector<workers::Part>> parts =
      workers::parse_multipart(call.request.header("content-type"), call.request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const workers::Part* part = workers::find_part(*parts, "settings");
  if (part == nullptr) return fail(Errc::invalid, "The request has no part named settings.", "settings");
  if (const Status done = workers::patch_settings(deps.ports, actor_of(call), *worker, part->content);
      !done) {
    return tl::unexpected<Error>(done.error());
  }
  const Result<model::Worker> now = worker_to_read(deps, call);
  if (!now) return tl::unexpected<Error>(now.error());
  const Result<std::optional<model::Version>> base = deps.ports.versions.base_version(now->tag);
  if (!base) return tl::unexpected<Error>(base.error());
  return success_response(settings_record(*now, *base));
}

// Each with the time of its next run.
json::object schedules_record(const WorkersDeps& deps, const model::Worker& worker) {
  json::value list = stored_json(worker.schedules_json, json::array());
  if (list.is_array()) {
    for (json::value& item : list.get_array()) {
      json::object* schedule = item.if_object();
      const json::value* text = schedule == nullptr ? nullptr : schedule->if_contains("cron");
      if (text == nullptr || !text->is_string()) continue;
      const Result<model::Cron> cron = model::Cron::parse(text->get_string());
      if (cron) (*schedule)["next_on"] = format_rfc3339(cron->next_after(deps.ports.clock.now()));
    }
  }
  return {{"schedules", std::move(list)}};
}

Result<http::Reply> get_schedules(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return success_response(schedules_record(deps, *worker));
}

Result<http::Reply> put_schedules(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::value> body = wire::parse_json(call.request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->is_array()) return fail(Errc::invalid, "The request's body must be a list of schedules.");
  const Result<model::Worker> changed = workers::change_schedules(deps.ports, *worker, body->get_array());
  if (!changed) return tl::unexpected<Error>(changed.error());
  return success_response(schedules_record(deps, *changed));
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

Result<http::Reply> delete_addresses(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Worker> changed = workers::change_addresses(deps.ports, *worker, false, false);
  if (!changed) return tl::unexpected<Error>(changed.error());
  return success_response(addresses_record(*changed));
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
    add(method, path, Needs::scripts_write, {.max_body = 16U << 20U, .work = http::Work::upload},
        [deps, answer](const Call& call) { return answer(deps, call); });
  };
  read(script_path("/settings"), get_settings);
  write("PATCH", script_path("/settings"), patch_settings);
  read(script_path("/script-settings"), get_script_settings);
  write("PATCH", script_path("/script-settings"), patch_script_settings);
  read(script_path("/schedules"), get_schedules);
  write("PUT", script_path("/schedules"), put_schedules);
  read(script_path("/subdomain"), get_addresses);
  write("POST", script_path("/subdomain"), post_addresses);
  write("DELETE", script_path("/subdomain"), delete_addresses);
}

}  // namespace kiln::api
