// Secrets of a Worker: names go out, texts only come in.
#include "workers/secrets.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "workers/bindings.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

using Changes = std::map<std::string, std::optional<std::string>>;

bool is_secret(const json::value& binding) {
  return binding.at("type").get_string() == "secret_text";
}

Result<json::array> latest_bindings(const WorkersDeps& deps, const std::string& worker_tag) {
  const Result<store::Paged<model::Version>> newest = deps.ports.store.versions(worker_tag, {1, 1});
  if (!newest) return tl::unexpected<Error>(newest.error());
  if (newest->items.empty()) return json::array();
  return workers::parse_stored(newest->items[0].bindings_json);
}

Result<json::array> secret_names(const WorkersDeps& deps, const std::string& worker_tag) {
  Result<json::array> bindings = latest_bindings(deps, worker_tag);
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

// The text of {"type":"secret_text","text":…}, or nothing for null: remove it. No message repeats what was
// sent.
Result<std::optional<std::string>> text_of(const json::value& value) {
  if (value.is_null()) return std::optional<std::string>();
  const json::object* secret = value.if_object();
  const json::value* type = secret == nullptr ? nullptr : secret->if_contains("type");
  const json::value* text = secret == nullptr ? nullptr : secret->if_contains("text");
  if (text == nullptr || !text->is_string()) return fail(Errc::invalid, "A secret needs a text.", "text");
  if (type != nullptr && !(type->is_string() && type->get_string() == "secret_text")) {
    return fail(Errc::binding_unsupported, "Kiln stores secrets of type secret_text only.", "type");
  }
  return std::optional<std::string>(std::string(text->get_string()));
}

// {"NAME":{"type","text"} or null,…}.
Result<Changes> changes_of(const json::object& body, std::string_view key) {
  const json::value* map = body.if_contains(key);
  if (map == nullptr || !map->is_object()) {
    return fail(Errc::invalid, "The request's body needs an object named " + std::string(key) + ".",
                std::string(key));
  }
  Changes changes;
  for (const auto& [name, value] : map->get_object()) {
    Result<std::optional<std::string>> text = text_of(value);
    if (!text) return tl::unexpected<Error>(text.error());
    changes[std::string(name)] = *std::move(text);
  }
  return changes;
}

Result<http::Reply> put_secret(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const json::value* name = body->if_contains("name");
  if (name == nullptr || !name->is_string()) return fail(Errc::invalid, "A secret needs a name.", "name");
  const Result<std::optional<std::string>> text = text_of(*body);
  if (!text) return tl::unexpected<Error>(text.error());
  const Changes changes = {{std::string(name->get_string()), *text}};
  const Result<model::Version> made =
      workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, {changes, true, {}});
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(json::object{{"name", *name}, {"type", "secret_text"}});
}

Result<http::Reply> delete_secret(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Changes changes = {{call.request.param("secret_name"), std::nullopt}};
  const Result<model::Version> made =
      workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, {changes, true, {}});
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(nullptr);
}

Result<http::Reply> patch_bulk(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<Changes> changes = changes_of(*body, "secrets");
  if (!changes) return tl::unexpected<Error>(changes.error());
  const Result<model::Version> made =
      workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, {*changes, true, {}});
  if (!made) return tl::unexpected<Error>(made.error());
  const Result<json::array> secrets = secret_names(deps, worker->tag);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  return success_response(*secrets);
}

// `wrangler versions secret`: a new version from the latest, not deployed.
Result<http::Reply> patch_latest(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<Changes> changes = changes_of(*body, "env");
  if (!changes) return tl::unexpected<Error>(changes.error());
  workers::SecretsEdit edit{*changes, false, {}};
  if (const json::value* annotations = body->if_contains("annotations");
      annotations && annotations->is_object()) {
    for (const char* key : {"workers/message", "workers/tag"}) {
      const json::value* value = annotations->get_object().if_contains(key);
      if (value == nullptr || !value->is_string()) continue;
      if (value->get_string().size() > 1024) return fail(Errc::invalid, "An annotation is too long.", key);
      edit.annotations[key] = std::string(value->get_string());
    }
  }
  const Result<model::Version> made = workers::edit_worker_secrets(deps.ports, actor_of(call), *worker, edit);
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response(version_record(*made, worker->previews_enabled));
}

}  // namespace

void add_secret_routes(const AddRoute& add, const WorkersDeps& deps) {
  const http::RouteOptions edit{.max_body = 16U << 20U, .may_block = true};
  add("GET", script_path("/secrets"), Needs::scripts_read, {},
      [deps](const Call& call) { return list_secrets(deps, call); });
  add("PUT", script_path("/secrets"), Needs::scripts_write, edit,
      [deps](const Call& call) { return put_secret(deps, call); });
  add("DELETE", script_path("/secrets/{secret_name}"), Needs::scripts_write, edit,
      [deps](const Call& call) { return delete_secret(deps, call); });
  add("PATCH", script_path("/secrets-bulk"), Needs::scripts_write, edit,
      [deps](const Call& call) { return patch_bulk(deps, call); });
  add("PATCH", "/accounts/{account_id}/workers/workers/{script_name}/versions/latest", Needs::scripts_write,
      edit, [deps](const Call& call) { return patch_latest(deps, call); });
}

}  // namespace kiln::api
