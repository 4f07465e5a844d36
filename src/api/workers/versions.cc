// Versions and the deployments that route traffic to them.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "base/time_format.h"
#include "workers/deploy.h"
#include "workers/multipart.h"
#include "workers/upload.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr int kVersionsShown = 10;     // when the client does not say
constexpr int kDeployable = 100;       // of ?deployable=true, whatever the client says of pages
constexpr int kDeploymentsShown = 10;  // at most

Result<http::Reply> list_versions(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const bool deployable = call.request.query_value("deployable") == "true";
  const store::Page page =
      deployable ? store::Page{1, kDeployable} : page_of(call.request, kVersionsShown, kDeployable);
  const Result<store::Paged<model::Version>> found = deps.ports.versions.versions(worker->tag, page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array items;
  for (const model::Version& version : found->items) {
    items.push_back(version_summary(version, has_preview(*worker, version)));
  }
  return success_response(json::object{{"items", std::move(items)}},
                          page_info(page.page, page.per_page, found->items.size(), found->total));
}

Result<http::Reply> get_version(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Version> version = version_of(deps, *worker, call.request.param("version_id"));
  if (!version) return tl::unexpected<Error>(version.error());
  return success_response(version_record(*version, has_preview(*worker, *version)));
}

Result<http::Reply> post_version(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::vector<workers::Part>> parts =
      workers::parse_multipart(call.request.header("content-type"), call.request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const bool strict = call.request.query_value("bindings_inherit") == "strict";
  const workers::Upload upload{*worker, false, *parts, strict, false};
  const Result<model::Version> version = workers::upload_version(deps.ports, actor_of(call), upload);
  if (!version) return tl::unexpected<Error>(version.error());
  return noted_response(version_record(*version, has_preview(*worker, *version)),
                        upload_note(deps, *version));
}

// Kiln's own: which host labels lead to which version.
Result<http::Reply> list_aliases(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::vector<model::Alias>> found = deps.ports.previews.aliases(worker->tag);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array list;
  for (const model::Alias& alias : *found) {
    list.push_back({{"alias", alias.label},
                    {"version_id", alias.version_id.str()},
                    {"modified_on", format_rfc3339(alias.modified_on)},
                    {"url", deps.ports.hosts.of(worker->account_id).preview_url(alias.label, worker->name)}});
  }
  return success_response(std::move(list));
}

Result<http::Reply> list_deployments(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const store::Page page = page_of(call.request, kDeploymentsShown, kDeploymentsShown);
  const Result<store::Paged<model::Deployment>> found = deps.ports.versions.deployments(worker->tag, page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array items;
  for (const model::Deployment& deployment : found->items) items.push_back(deployment_record(deployment));
  // wrangler reads `deployments`, the SDK's pager `items`.
  json::object result = {{"deployments", items}};
  result["items"] = std::move(items);
  return success_response(std::move(result),
                          page_info(page.page, page.per_page, found->items.size(), found->total));
}

Result<http::Reply> get_one_deployment(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const std::optional<Uuid> id = Uuid::parse(call.request.param("deployment_id"));
  if (!id) return fail(Errc::version_not_found, "This Worker has no such deployment.");
  const Result<std::optional<model::Deployment>> found = deps.ports.versions.deployment(worker->tag, *id);
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found) return fail(Errc::version_not_found, "This Worker has no deployment " + id->str() + ".");
  return success_response(deployment_record(**found));
}

Result<http::Reply> post_deployment(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const bool force = call.request.query_value("force") == "true";
  const Result<model::Deployment> made =
      workers::deploy_versions(deps.ports, actor_of(call), *worker, *body, force);
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(deployment_record(*made));
}

}  // namespace

void add_version_routes(const AddRoute& add, const WorkersDeps& deps) {
  add("GET", script_path("/versions"), Needs::scripts_read, {},
      [deps](const Call& call) { return list_versions(deps, call); });
  add("GET", script_path("/versions/{version_id}"), Needs::scripts_read, {},
      [deps](const Call& call) { return get_version(deps, call); });
  add("POST", script_path("/versions"), Needs::preview_write,
      {.max_body = kMaxUpload, .work = http::Work::upload},
      [deps](const Call& call) { return post_version(deps, call); });
  add("GET", script_path("/aliases"), Needs::scripts_read, {},
      [deps](const Call& call) { return list_aliases(deps, call); });
  add("GET", script_path("/deployments"), Needs::scripts_read, {},
      [deps](const Call& call) { return list_deployments(deps, call); });
  add("GET", script_path("/deployments/{deployment_id}"), Needs::scripts_read, {},
      [deps](const Call& call) { return get_one_deployment(deps, call); });
  add("POST", script_path("/deployments"), Needs::scripts_write, {},
      [deps](const Call& call) { return post_deployment(deps, call); });
}

}  // namespace kiln::api
