// Named previews and their deployments.
#include "workers/previews.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "api/workers/secret_changes.h"
#include "workers/multipart.h"
#include "workers/secrets.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

struct Named {
  model::Worker worker;
  model::Preview preview;
};

// The Worker and the preview that the path names.
Result<Named> named(const WorkersDeps& deps, const Call& call, Result<model::Worker> worker) {
  if (!worker) return tl::unexpected<Error>(worker.error());
  Result<model::Preview> preview = deps.ports.previews.preview(worker->tag, call.request.param("preview"));
  if (!preview) return tl::unexpected<Error>(preview.error());
  return Named{*std::move(worker), *std::move(preview)};
}

json::object record_of(const WorkersDeps& deps, const model::Worker& worker, const model::Preview& preview) {
  return preview_record(worker, preview, deps.ports.hosts.of(worker.account_id));
}

json::object deployment_of(const WorkersDeps& deps, const Named& of, const model::Version& version) {
  return preview_deployment_record(of.worker, of.preview, version, deps.ports.hosts.of(of.worker.account_id));
}

Result<http::Reply> list_previews(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const store::Page page = page_of(call.request, 20, 100);
  const Result<store::Paged<model::Preview>> found = deps.ports.previews.previews(worker->tag, page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array list;
  for (const model::Preview& preview : found->items) list.push_back(record_of(deps, *worker, preview));
  return success_response(std::move(list),
                          page_info(page.page, page.per_page, found->items.size(), found->total));
}

Result<http::Reply> post_preview(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<model::Preview> made = workers::create_preview(deps.ports, *worker, *body);
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(record_of(deps, *worker, *made));
}

Result<http::Reply> get_preview(const WorkersDeps& deps, const Call& call) {
  const Result<Named> found = named(deps, call, worker_to_read(deps, call));
  if (!found) return tl::unexpected<Error>(found.error());
  return success_response(record_of(deps, found->worker, found->preview));
}

Result<http::Reply> patch_preview(const WorkersDeps& deps, const Call& call) {
  const Result<Named> found = named(deps, call, worker_to_write(deps, call));
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<model::Preview> changed = workers::change_preview(deps.ports, found->preview, *body);
  if (!changed) return tl::unexpected<Error>(changed.error());
  return success_response(record_of(deps, found->worker, *changed));
}

Result<http::Reply> delete_preview(const WorkersDeps& deps, const Call& call) {
  const Result<Named> found = named(deps, call, worker_to_write(deps, call));
  if (!found) return tl::unexpected<Error>(found.error());
  const Status deleted = deps.ports.previews.delete_preview(found->worker.tag, found->preview.id);
  if (!deleted) return tl::unexpected<Error>(deleted.error());
  return success_response(nullptr);
}

// "latest" or the id of one.
Result<http::Reply> get_deployment(const WorkersDeps& deps, const Call& call) {
  const Result<Named> found = named(deps, call, worker_to_read(deps, call));
  if (!found) return tl::unexpected<Error>(found.error());
  const std::string wanted = call.request.param("deployment");
  const auto none = [] { return fail(Errc::version_not_found, "This preview has no such deployment."); };
  if (wanted == "latest") {
    const Result<std::optional<model::Version>> latest =
        deps.ports.previews.latest_of_preview(found->preview.id);
    if (!latest) return tl::unexpected<Error>(latest.error());
    if (!*latest) return none();
    return success_response(deployment_of(deps, *found, **latest));
  }
  const std::optional<Uuid> id = Uuid::parse(wanted);
  if (!id) return none();
  const Result<model::Version> version = deps.ports.versions.version(found->worker.tag, *id);
  if (!version) return tl::unexpected<Error>(version.error());
  if (version->preview_id != found->preview.id) return none();
  return success_response(deployment_of(deps, *found, *version));
}

Result<http::Reply> post_preview_deployment(const WorkersDeps& deps, const Call& call) {
  const Result<Named> found = named(deps, call, worker_to_write(deps, call));
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::vector<workers::Part>> parts =
      workers::parse_multipart(call.request.header("content-type"), call.request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const Result<model::Version> made =
      workers::deploy_preview(deps.ports, actor_of(call), found->worker, found->preview, *parts);
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(deployment_of(deps, *found, *made));
}

// `wrangler preview secret`: another deployment with these secrets.
Result<http::Reply> patch_preview_latest(const WorkersDeps& deps, const Call& call) {
  const Result<Named> found = named(deps, call, worker_to_write(deps, call));
  if (!found) return tl::unexpected<Error>(found.error());
  if (call.request.param("deployment") != "latest") {
    return fail(Errc::version_not_found, "Only a preview's latest deployment can be changed.");
  }
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<SecretChanges> changes = secret_changes_of(*body, "env");
  if (!changes) return tl::unexpected<Error>(changes.error());
  Result<std::map<std::string, std::string>> annotations = workers::annotations_of(*body);
  if (!annotations) return tl::unexpected<Error>(annotations.error());
  annotations->erase("workers/alias");
  const Result<model::Version> made = workers::edit_worker_secrets(
      deps.ports, actor_of(call), found->worker, {*changes, false, *std::move(annotations), &found->preview});
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(deployment_of(deps, *found, *made));
}

}  // namespace

void add_preview_routes(const AddRoute& add, const WorkersDeps& deps) {
  const std::string all = "/accounts/{account_id}/workers/workers/{script_name}/previews";
  const std::string one = all + "/{preview}";
  const http::RouteOptions edit{.max_body = 16U << 20U, .work = http::Work::upload};
  const http::RouteOptions upload{.max_body = kMaxUpload, .work = http::Work::upload};
  const auto route = [&](const char* method, const std::string& path, const http::RouteOptions& options,
                         Result<http::Reply> (*answer)(const WorkersDeps&, const Call&)) {
    const bool reads = std::string_view(method) == "GET";
    add(method, path, reads ? Needs::scripts_read : Needs::preview_write, options,
        [deps, answer](const Call& call) { return answer(deps, call); });
  };
  route("GET", all, {}, list_previews);
  route("POST", all, edit, post_preview);
  route("GET", one, {}, get_preview);
  route("PATCH", one, edit, patch_preview);
  route("DELETE", one, edit, delete_preview);
  route("POST", one + "/deployments", upload, post_preview_deployment);
  route("GET", one + "/deployments/{deployment}", {}, get_deployment);
  route("PATCH", one + "/deployments/{deployment}", edit, patch_preview_latest);
}

}  // namespace kiln::api
