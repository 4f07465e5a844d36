// Scripts: whether they exist, the list of them, deploying one in one step, and deleting it.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "base/strings.h"
#include "workers/multipart.h"
#include "workers/names.h"
#include "workers/references.h"
#include "workers/upload.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

Result<http::Reply> get_service(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::string> from = last_deployed_from(deps, worker->tag);
  if (!from) return tl::unexpected<Error>(from.error());
  return success_response(service_record(*worker, *from));
}

Result<http::Reply> list_scripts(const WorkersDeps& deps, const Call& call) {
  const Result<std::vector<model::Worker>> workers = deps.ports.workers.workers(call.account_id);
  if (!workers) return tl::unexpected<Error>(workers.error());
  json::array list;
  for (const model::Worker& worker : *workers) {
    if (call.who.build && call.who.build->worker_tag != worker.tag) continue;
    const Result<store::Paged<model::Version>> newest = deps.ports.versions.versions(worker.tag, {1, 1});
    if (!newest) return tl::unexpected<Error>(newest.error());
    list.push_back(script_record(worker, newest->items.empty() ? nullptr : newest->items.data()));
  }
  return success_response(std::move(list));
}

bool earlier(const model::Worker& one, const model::Worker& other, const std::string& order_by) {
  if (order_by == "created_on") return one.created_on < other.created_on;
  if (order_by == "modified_on") return one.modified_on < other.modified_on;
  return one.name < other.name;
}

// By a part of the name, or by the tag as it is.
Result<http::Reply> search_scripts(const WorkersDeps& deps, const Call& call) {
  Result<std::vector<model::Worker>> workers = deps.ports.workers.workers(call.account_id);
  if (!workers) return tl::unexpected<Error>(workers.error());
  const std::optional<std::string> name = call.request.query_value("name");
  const std::optional<std::string> tag = call.request.query_value("id");
  std::erase_if(*workers, [&](const model::Worker& worker) {
    const bool hidden = call.who.build && call.who.build->worker_tag != worker.tag;
    const bool other_name = name && worker.name.find(to_lower(*name)) == std::string::npos;
    return hidden || other_name || (tag && to_lower(*tag) != worker.tag);
  });
  const std::string order_by = call.request.query_value("order_by").value_or("name");
  std::stable_sort(workers->begin(), workers->end(),
                   [&](const auto& one, const auto& other) { return earlier(one, other, order_by); });
  json::array list;
  const store::Page page = page_of(call.request, 20, 100);
  for (const model::Worker& worker : page_in(*workers, page)) list.push_back(search_record(worker));
  const std::size_t count = list.size();
  return success_response(std::move(list), page_info(page.page, page.per_page, count, workers->size()));
}

// The Worker to upload to, a fresh one when it is missing. A build's own is never made again: somebody
// deleted it.
Result<model::Worker> worker_to_put(const WorkersDeps& deps, const Call& call, bool& create) {
  Result<model::Worker> worker = worker_to_write(deps, call);
  if (worker || worker.error().code != Errc::worker_not_found || call.who.build) return worker;
  create = true;
  const std::string name = call.request.param("script_name");
  if (const Status fits = workers::check_worker_name(name); !fits) return tl::unexpected<Error>(fits.error());
  model::Worker fresh;
  fresh.tag = deps.ports.entropy.hex32();
  fresh.account_id = call.account_id;
  fresh.name = name;
  fresh.created_on = fresh.modified_on = deps.ports.clock.now();
  return fresh;
}

Result<http::Reply> put_script(const WorkersDeps& deps, const Call& call) {
  bool create = false;
  const Result<model::Worker> worker = worker_to_put(deps, call, create);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::vector<workers::Part>> parts =
      workers::parse_multipart(call.request.header("content-type"), call.request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const bool strict = call.request.query_value("bindings_inherit") == "strict";
  const workers::Upload upload{*worker, create, *parts, strict, true};
  const Result<model::Version> version = workers::upload_version(deps.ports, actor_of(call), upload);
  if (!version) return tl::unexpected<Error>(version.error());
  const Result<model::Worker> now = deps.ports.workers.worker(call.account_id, worker->name);
  if (!now) return tl::unexpected<Error>(now.error());
  json::object record = script_record(*now, &*version);
  record["deployment_id"] = version->id.str();
  record["startup_time_ms"] = version->startup_time_ms;
  return noted_response(std::move(record), upload_note(deps, *version));
}

json::array reference_list(const std::vector<std::string>& workers) {
  json::array list;
  for (const std::string& worker : workers) {
    list.push_back({{"service", worker}, {"environment", "production"}});
  }
  return list;
}

Result<http::Reply> get_references(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<workers::References> found = workers::references_of(deps.ports, *worker);
  if (!found) return tl::unexpected<Error>(found.error());
  json::object services = {{"incoming", reference_list(found->incoming)},
                           {"outgoing", reference_list(found->outgoing)}};
  return success_response(json::object{{"services", std::move(services)},
                                       {"durable_objects", json::array()},
                                       {"dispatch_outbounds", json::array()}});
}

// A Worker that others are bound to goes only by force.
Status check_unbound(const WorkersDeps& deps, const model::Worker& worker) {
  const Result<workers::References> found = workers::references_of(deps.ports, worker);
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->incoming.empty()) return {};
  std::string names;
  for (const std::string& name : found->incoming) names += (names.empty() ? "" : ", ") + name;
  return fail(Errc::conflict, "Other Workers have a service binding to '" + worker.name + "': " + names +
                                  ". Deploy them without it first, or delete with force=true.");
}

Result<http::Reply> delete_service(const WorkersDeps& deps, const Call& call) {
  if (call.who.build) return fail(Errc::forbidden, "A build's own token may not delete a Worker.");
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  if (call.request.query_value("force") != "true") {
    if (const Status free = check_unbound(deps, *worker); !free) return tl::unexpected<Error>(free.error());
  }
  const Status deleted =
      deps.ports.workers.delete_worker(call.account_id, worker->name, deps.ports.clock.now());
  if (!deleted) return tl::unexpected<Error>(deleted.error());
  return success_response(nullptr);
}

Result<http::Reply> nothing(const Call&) {
  return success_response(json::array(), page_info(1, 100, 0, 0));
}

}  // namespace

void add_script_routes(const AddRoute& add, const WorkersDeps& deps) {
  const std::string account = "/accounts/{account_id}";
  add("GET", account + "/workers/services/{script_name}", Needs::scripts_read, {},
      [deps](const Call& call) { return get_service(deps, call); });
  for (const std::string& path : {account + "/workers/services/{script_name}", script_path(""),
                                  account + "/workers/workers/{script_name}"}) {
    add("DELETE", path, Needs::scripts_write, {},
        [deps](const Call& call) { return delete_service(deps, call); });
  }
  add("GET", account + "/workers/scripts", Needs::scripts_read, {},
      [deps](const Call& call) { return list_scripts(deps, call); });
  add("GET", account + "/workers/scripts-search", Needs::scripts_read, {},
      [deps](const Call& call) { return search_scripts(deps, call); });
  add("PUT", script_path(""), Needs::scripts_write, {.max_body = kMaxUpload, .work = http::Work::upload},
      [deps](const Call& call) { return put_script(deps, call); });
  add("GET", script_path("/references"), Needs::scripts_read, {},
      [deps](const Call& call) { return get_references(deps, call); });
  // Things that Kiln has none of: clients look before they delete a Worker.
  add("GET", account + "/workers/tails/by-consumer/{script_name}", Needs::scripts_read, {}, nothing);
  add("GET", account + "/workers/durable_objects/namespaces", Needs::scripts_read, {}, nothing);
}

}  // namespace kiln::api
