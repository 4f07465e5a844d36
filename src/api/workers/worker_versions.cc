// Versions below a Worker's own record: modules and metadata in one JSON body, and one flat record out.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "base/hex.h"
#include "workers/json_upload.h"
#include "workers/upload.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

// The version that the path names by its id, or as "latest".
Result<model::Version> version_of_path(const WorkersDeps& deps, const Call& call,
                                       const model::Worker& worker) {
  const std::string id = call.request.param("version_id");
  if (id != "latest") return version_of(deps, worker, id);
  const Result<store::Paged<model::Version>> newest = deps.ports.versions.versions(worker.tag, {1, 1});
  if (!newest) return tl::unexpected<Error>(newest.error());
  if (newest->items.empty()) return fail(Errc::version_not_found, "This Worker has no version yet.");
  return deps.ports.versions.version(worker.tag, newest->items[0].id);
}

Result<json::array> modules_of(const WorkersDeps& deps, const model::Version& version) {
  json::array modules;
  for (const model::VersionModule& module : version.modules) {
    const Result<std::string> bytes = deps.ports.blobs.get(module.blob, module.size);
    if (!bytes) return tl::unexpected<Error>(bytes.error());
    modules.push_back({{"name", module.name},
                       {"content_type", module.content_type},
                       {"content_base64", to_base64(*bytes)}});
  }
  return modules;
}

// What it is made of, without a byte of it. Kiln's own.
json::object parts_of(const model::Version& version) {
  json::array modules;
  for (const model::VersionModule& module : version.modules)
    modules.push_back({{"name", module.name}, {"content_type", module.content_type}, {"size", module.size}});
  json::array assets;
  for (const model::AssetFile& file : version.assets)
    assets.push_back({{"path", file.path}, {"size", file.size}});
  return {{"modules", std::move(modules)}, {"assets", std::move(assets)}};
}

json::object record_of(const WorkersDeps& deps, const model::Worker& worker, const model::Version& version) {
  return flat_version_record(worker, version, has_preview(worker, version),
                             deps.ports.hosts.of(worker.account_id));
}

Result<http::Reply> list_worker_versions(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const store::Page page = page_of(call.request, 10, 100);
  const Result<store::Paged<model::Version>> found = deps.ports.versions.versions(worker->tag, page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array list;
  for (const model::Version& version : found->items) list.push_back(record_of(deps, *worker, version));
  return success_response(std::move(list),
                          page_info(page.page, page.per_page, found->items.size(), found->total));
}

Result<http::Reply> get_worker_version(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Version> version = version_of_path(deps, call, *worker);
  if (!version) return tl::unexpected<Error>(version.error());
  json::object record = record_of(deps, *worker, *version);
  const std::string include = call.request.query_value("include").value_or("");
  if (include == "parts") record["parts"] = parts_of(*version);
  if (include == "modules") {
    Result<json::array> modules = modules_of(deps, *version);
    if (!modules) return tl::unexpected<Error>(modules.error());
    record["modules"] = *std::move(modules);
  }
  return success_response(std::move(record));
}

Result<http::Reply> post_worker_version(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<workers::JsonUpload> upload =
      workers::read_json_upload(*body, call.request.body, deps.ports.clock.now());
  if (!upload) return tl::unexpected<Error>(upload.error());
  const bool deploy = call.request.query_value("deploy") == "true";
  const Result<model::Version> version = workers::upload_program(
      deps.ports, actor_of(call), {*worker, false, upload->parts, true, deploy}, upload->metadata);
  if (!version) return tl::unexpected<Error>(version.error());
  return success_response(record_of(deps, *worker, *version));
}

}  // namespace

void add_worker_version_routes(const AddRoute& add, const WorkersDeps& deps) {
  const std::string all = "/accounts/{account_id}/workers/workers/{script_name}/versions";
  add("GET", all, Needs::scripts_read, {},
      [deps](const Call& call) { return list_worker_versions(deps, call); });
  add("POST", all, Needs::scripts_write, {.max_body = kMaxUpload, .work = http::Work::upload},
      [deps](const Call& call) { return post_worker_version(deps, call); });
  add("GET", all + "/{version_id}", Needs::scripts_read, {},
      [deps](const Call& call) { return get_worker_version(deps, call); });
}

}  // namespace kiln::api
