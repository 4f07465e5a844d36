// A trigger's environment variables: list, upsert, delete.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/variables_body.h"
#include "api/error_table.h"
#include "wire/build_json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

// The trigger of the path, which must be the account's.
Result<model::Trigger> trigger_of(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  return deps.triggers.trigger(call.account_id, *uuid);
}

Result<http::Reply> answer_all(const BuildsDeps& deps, const Uuid& trigger,
                               std::vector<std::string> unknown = {}) {
  const Result<std::vector<model::EnvVar>> variables = deps.triggers.variables(trigger, false);
  if (!variables) return tl::unexpected<Error>(variables.error());
  return success_with_unknown(wire::variables_json(*variables), std::move(unknown));
}

Result<http::Reply> list_variables(const BuildsDeps& deps, const Call& call) {
  const Result<model::Trigger> trigger = trigger_of(deps, call);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  return answer_all(deps, trigger->uuid);
}

Result<http::Reply> upsert_variables(const BuildsDeps& deps, const Call& call) {
  const Result<model::Trigger> trigger = trigger_of(deps, call);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<AskedVariables> asked = read_variables(*object);
  if (!asked) return tl::unexpected<Error>(asked.error());
  if (const Status stored = store_variables(deps, trigger->uuid, *asked); !stored)
    return tl::unexpected<Error>(stored.error());
  return answer_all(deps, trigger->uuid, std::move(asked->unknown));
}

Result<http::Reply> remove_variable(const BuildsDeps& deps, const Call& call) {
  const Result<model::Trigger> trigger = trigger_of(deps, call);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Status done = deps.triggers.delete_variable(trigger->uuid, call.request.param("key"));
  if (!done) return tl::unexpected<Error>(done.error());
  return success_response(nullptr);
}

}  // namespace

Status check_variables_of(const BuildsDeps& deps, const Uuid& trigger, const AskedVariables& asked) {
  const Result<std::vector<model::EnvVar>> there = deps.triggers.variables(trigger, false);
  if (!there) return tl::unexpected<Error>(there.error());
  return check_variables(asked, *there);
}

Status store_variables(const BuildsDeps& deps, const Uuid& trigger, const AskedVariables& asked) {
  if (asked.empty()) return {};
  if (Status fit = check_variables_of(deps, trigger, asked); !fit) return fit;
  if (asked.variables.empty()) return {};
  std::vector<model::EnvVar> variables = asked.variables;
  for (model::EnvVar& variable : variables) variable.created_on = deps.clock.now();
  return deps.triggers.upsert_variables(trigger, variables, kMostVariables);
}

void add_variables(Adder& routes, const Deps& deps) {
  const std::string path = "/triggers/{trigger_uuid}/environment_variables";
  routes.add("GET", path, Needs::ci_read, [deps](const Call& call) { return list_variables(*deps, call); });
  routes.add("PATCH", path, Needs::ci_write,
             [deps](const Call& call) { return upsert_variables(*deps, call); });
  routes.add("DELETE", path + "/{key}", Needs::ci_write,
             [deps](const Call& call) { return remove_variable(*deps, call); });
}

}  // namespace kiln::api::builds
