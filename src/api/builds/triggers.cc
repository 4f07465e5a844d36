// Triggers: list, create, change, delete.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/trigger_body.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "store/default_token.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

Result<http::Reply> all_of(const Result<std::vector<model::Trigger>>& found) {
  if (!found) return tl::unexpected<Error>(found.error());
  json::array triggers;
  for (const model::Trigger& trigger : *found) triggers.push_back(wire::trigger_json(trigger, true));
  const std::size_t count = triggers.size();
  return success_response(json::value(std::move(triggers)),
                          page_info(1, static_cast<int>(count), count, count));
}

Result<http::Reply> list_triggers(const BuildsDeps& deps, const Call& call) {
  const std::string tag = to_lower(call.request.param("external_script_id"));
  const Result<model::Worker> worker = deps.workers.worker_by_tag(call.account_id, tag);
  if (!worker) return tl::unexpected<Error>(worker.error());
  return all_of(deps.triggers.triggers_of_worker(call.account_id, tag));
}

Result<http::Reply> list_all_triggers(const BuildsDeps& deps, const Call& call) {
  return all_of(deps.triggers.triggers_of_account(call.account_id));
}

Result<http::Reply> create_trigger(const BuildsDeps& deps, const Call& call) {
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<TriggerBody> body = read_new_trigger(*object);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->names_token) {
    const Result<model::BuildToken> token =
        store::default_token(deps.build_tokens, deps.entropy, deps.clock, call.account_id);
    if (!token) return tl::unexpected<Error>(token.error());
    body->trigger.build_token_uuid = token->uuid;
  }
  body->trigger.uuid = deps.entropy.uuid();
  body->trigger.account_id = call.account_id;
  body->trigger.created_on = deps.clock.now();
  body->trigger.modified_on = body->trigger.created_on;
  const Result<model::Trigger> stored = deps.triggers.add_trigger(body->trigger);
  if (!stored) return tl::unexpected<Error>(as_body_error(stored.error()));
  return success_with_unknown(wire::trigger_json(*stored, true), body->unknown);
}

Result<http::Reply> update_trigger(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<model::Trigger> current = deps.triggers.trigger(call.account_id, *uuid);
  if (!current) return tl::unexpected<Error>(current.error());
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<TriggerBody> body = read_changed_trigger(*object, *current);
  if (!body) return tl::unexpected<Error>(body.error());
  body->trigger.modified_on = deps.clock.now();
  const Result<model::Trigger> stored = deps.triggers.update_trigger(body->trigger);
  if (!stored) return tl::unexpected<Error>(as_body_error(stored.error()));
  return success_with_unknown(wire::trigger_json(*stored, true), body->unknown);
}

Result<http::Reply> remove_trigger(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Status done = deps.triggers.delete_trigger(call.account_id, *uuid, deps.clock.now());
  if (!done) return tl::unexpected<Error>(done.error());
  return success_response(nullptr);
}

// Runners hold the caches: they learn of the new epoch with the next build, before they save, and by asking
// once in a while.
Result<http::Reply> purge_cache(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Status purged = deps.triggers.purge_build_cache(call.account_id, *uuid);
  if (!purged) return tl::unexpected<Error>(purged.error());
  return success_response(nullptr);
}

}  // namespace

void add_triggers(Adder& routes, const Deps& deps) {
  routes.add("GET", "/workers/{external_script_id}/triggers", Needs::ci_read,
             [deps](const Call& call) { return list_triggers(*deps, call); });
  routes.add("GET", "/triggers", Needs::ci_read,
             [deps](const Call& call) { return list_all_triggers(*deps, call); });
  routes.add("POST", "/triggers", Needs::ci_write,
             [deps](const Call& call) { return create_trigger(*deps, call); });
  routes.add("PATCH", "/triggers/{trigger_uuid}", Needs::ci_write,
             [deps](const Call& call) { return update_trigger(*deps, call); });
  routes.add("DELETE", "/triggers/{trigger_uuid}", Needs::ci_write,
             [deps](const Call& call) { return remove_trigger(*deps, call); });
  routes.add("POST", "/triggers/{trigger_uuid}/purge_build_cache", Needs::ci_write,
             [deps](const Call& call) { return purge_cache(*deps, call); });
}

}  // namespace kiln::api::builds
