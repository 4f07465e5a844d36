// Secrets of a Worker: names go out, texts only come in.
#include "workers/secrets.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/acts.h"
#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "api/workers/secret_changes.h"
#include "base/strings.h"
#include "workers/bindings.h"
#include "workers/metadata.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

bool is_secret(const json::value& binding) {
  return binding.at("type").get_string() == "secret_text";
}

Result<json::array> base_bindings(const WorkersDeps& deps, const std::string& worker_tag) {
  const Result<std::optional<model::Version>> base = deps.ports.versions.base_version(worker_tag);
  if (!base) return tl::unexpected<Error>(base.error());
  if (!*base) return json::array();
  return workers::parse_stored((*base)->bindings_json);
}

Result<json::array> secret_names(const WorkersDeps& deps, const std::string& worker_tag) {
  Result<json::array> bindings = base_bindings(deps, worker_tag);
  if (!bindings) return bindings;
  json::array secrets;
  for (const json::value& binding : *bindings) {
    if (is_secret(binding)) secrets.push_back(binding);
  }
  return secrets;
}

Result<http::Reply> list_secrets(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::array> secrets = secret_names(deps, worker->tag);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  return success_response(*secrets);
}

Result<http::Reply> get_secret(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::array> secrets = secret_names(deps, worker->tag);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  const std::string name = call.request.param("secret_name");
  for (const json::value& secret : *secrets) {
    if (secret.at("name").get_string() == name) return success_response(secret);
  }
  return fail(Errc::secret_not_found, "This Worker has no secret '" + to_valid_utf8(name) + "'.",
              "secret_name");
}

Result<http::Reply> put_secret(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const json::value* name = body->if_contains("name");
  if (name == nullptr || !name->is_string()) return fail(Errc::invalid, "A secret needs a name.", "name");
  const Result<std::optional<std::string>> text = secret_text_of(*body);
  if (!text) return tl::unexpected<Error>(text.error());
  const SecretChanges changes = {{std::string(name->get_string()), *text}};
  acts_on(name->get_string());
  const Result<model::Version> made =
      workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, {changes, true, {}, nullptr});
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(json::object{{"name", *name}, {"type", "secret_text"}});
}

Result<http::Reply> delete_secret(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const SecretChanges changes = {{call.request.param("secret_name"), std::nullopt}};
  const Result<model::Version> made =
      workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, {changes, true, {}, nullptr});
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(nullptr);
}

// "A,B"; a version's secrets are all made anew, so that its rows do not tell which were meant.
void acts_on_secrets(const SecretChanges& changes) {
  std::string names;
  for (const auto& [name, text] : changes) names += (names.empty() ? "" : ",") + name;
  acts_on(names);
}

Result<http::Reply> patch_bulk(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<SecretChanges> changes = secret_changes_of(*body, "secrets");
  if (!changes) return tl::unexpected<Error>(changes.error());
  acts_on_secrets(*changes);
  const Result<model::Version> made =
      workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, {*changes, true, {}, nullptr});
  if (!made) return tl::unexpected<Error>(made.error());
  const Result<json::array> secrets = secret_names(deps, worker->tag);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  return success_response(*secrets);
}

// `wrangler versions secret`: a new version from the latest, not deployed.
Result<http::Reply> patch_secrets(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<SecretChanges> changes = secret_changes_of(*body, "env");
  if (!changes) return tl::unexpected<Error>(changes.error());
  acts_on_secrets(*changes);
  Result<std::map<std::string, std::string>> annotations = workers::annotations_of(*body);
  if (!annotations) return tl::unexpected<Error>(annotations.error());
  annotations->erase("workers/alias");
  const workers::SecretsEdit edit{*changes, false, *annotations, nullptr};
  const Result<model::Version> made = workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, edit);
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(version_record(*made, worker->previews_enabled));
}

}  // namespace

void add_secret_routes(const AddRoute& add, const WorkersDeps& deps) {
  const http::RouteOptions edit{.max_body = 16U << 20U, .work = http::Work::upload};
  add("GET", script_path("/secrets"), Needs::scripts_read, {},
      [deps](const Call& call) { return list_secrets(deps, call); });
  add("GET", script_path("/secrets/{secret_name}"), Needs::scripts_read, {},
      [deps](const Call& call) { return get_secret(deps, call); });
  add("PUT", script_path("/secrets"), Needs::scripts_write, edit,
      [deps](const Call& call) { return put_secret(deps, call); });
  add("DELETE", script_path("/secrets/{secret_name}"), Needs::scripts_write, edit,
      [deps](const Call& call) { return delete_secret(deps, call); });
  add("PATCH", script_path("/secrets-bulk"), Needs::scripts_write, edit,
      [deps](const Call& call) { return patch_bulk(deps, call); });
  add("PATCH", "/accounts/{account_id}/workers/workers/{script_name}/versions/latest", Needs::scripts_write,
      edit, [deps](const Call& call) { return patch_secrets(deps, call); });
}

}  // namespace kiln::api
