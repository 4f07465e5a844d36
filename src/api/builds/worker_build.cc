// A Worker's build configuration as one record: the repository and branch that it is deployed from, and how.
// Behind it stand the connection and the triggers of the same API: createWorkerBuild makes them, as `kiln
// connect` does, one trigger of the production branch and one of all others; the record shows and changes the
// former.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/worker_build_body.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "connect/connect.h"
#include "store/default_token.h"
#include "wire/build_json.h"
#include "wire/or_null.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

struct OfWorker {
  model::Trigger production;
  std::optional<model::Trigger> previews;
};

// The trigger that stands for the Worker: of the one branch that is deployed, else the oldest.
std::optional<OfWorker> chosen(const std::vector<model::Trigger>& all) {
  if (all.empty()) return std::nullopt;
  connect::Pair pair = connect::pair_of(all);
  const auto oldest = std::min_element(all.begin(), all.end(), [](const auto& one, const auto& other) {
    return one.created_on < other.created_on;
  });
  OfWorker out{pair.production.value_or(*oldest), {}};
  const bool beside = pair.previews && pair.previews->connection.uuid == out.production.connection.uuid &&
                      pair.previews->uuid != out.production.uuid;
  if (beside) out.previews = std::move(pair.previews);
  return out;
}

// Those of the Worker of the path. Errors: Errc::not_found, also when it is connected to no repository.
Result<std::vector<model::Trigger>> triggers_of(const BuildsDeps& deps, const Call& call) {
  const std::string tag = to_lower(call.request.param("script_tag"));
  Result<std::vector<model::Trigger>> all = deps.triggers.triggers_of_worker(call.account_id, tag);
  if (all && all->empty()) return fail(Errc::not_found, "Not found", "script_tag");
  return all;
}

Result<OfWorker> of_path(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<model::Trigger>> all = triggers_of(deps, call);
  if (!all) return tl::unexpected<Error>(all.error());
  return *chosen(*all);
}

Result<json::value> worker_build_json(const BuildsDeps& deps, const model::Trigger& production) {
  const Result<std::vector<model::EnvVar>> variables = deps.triggers.variables(production.uuid, false);
  if (!variables) return tl::unexpected<Error>(variables.error());
  const model::RepoConnection& repo = production.connection;
  const json::value token = wire::uuid_or_null(production.build_token_uuid);
  const std::string branch = production.branch_includes.empty() ? "" : production.branch_includes[0];
  return json::value{{"script_tag", production.worker_tag},
                     {"git_repository",
                      {{"provider_type", repo.provider_type},
                       {"provider_account_id", repo.provider_account_id},
                       {"provider_account_name", repo.provider_account_name},
                       {"repo_id", repo.repo_id},
                       {"repo_name", repo.repo_name},
                       {"branch", branch},
                       {"grant_id", nullptr}}},
                     {"production_settings",
                      {{"build_command", production.build_command},
                       {"deploy_command", production.deploy_command},
                       {"root_directory", production.root_directory},
                       {"build_token_uuid", token},
                       {"path_includes", json::value_from(production.path_includes)},
                       {"path_excludes", json::value_from(production.path_excludes)},
                       {"build_caching_enabled", production.build_caching_enabled},
                       {"environment_variables", wire::variables_json(*variables)}}}};
}

Result<http::Reply> worker_build_reply(const BuildsDeps& deps, const Uuid& production,
                                       std::vector<std::string> unknown, int status) {
  const Result<model::Trigger> now = deps.triggers.trigger_in_any_state(production);
  if (!now) return tl::unexpected<Error>(now.error());
  const Result<json::value> record = worker_build_json(deps, *now);
  if (!record) return tl::unexpected<Error>(record.error());
  http::Response response = success_with_unknown(*record, std::move(unknown));
  response.status = status;
  return response;
}

Status check_unconnected(const BuildsDeps& deps, const Call& call, const std::string& tag) {
  const auto there = deps.triggers.triggers_of_worker(call.account_id, tag);
  if (!there) return tl::unexpected<Error>(there.error());
  if (there->empty()) return {};
  const model::RepoConnection& repo = there->front().connection;
  return fail(Errc::conflict,
              fmt::format("the Worker is connected already, to {}/{} by its trigger \"{}\"; change that, or "
                          "disconnect it (deleteWorkerBuild) first",
                          repo.provider_account_name, repo.repo_name, there->front().name),
              "script_tag");
}

// The trigger and its variables, both or neither.
Result<model::Trigger> add_with_variables(const BuildsDeps& deps, const model::Trigger& trigger,
                                          const AskedVariables& variables) {
  Result<model::Trigger> stored = deps.triggers.add_trigger(trigger);
  if (!stored) return tl::unexpected<Error>(as_body_error(stored.error()));
  const Status set = store_variables(deps, stored->uuid, variables);
  if (set) return stored;
  (void)deps.triggers.delete_trigger(stored->account_id, stored->uuid, deps.clock.now());
  return tl::unexpected<Error>(set.error());
}

Result<model::Trigger> add_pair(const BuildsDeps& deps, const Call& call, const NewWorkerBuild& wanted,
                                const model::RepoConnection& connection) {
  model::Trigger production = wanted.production;
  if (!wanted.names_token) {
    const Result<model::BuildToken> token =
        store::default_token(deps.build_tokens, deps.entropy, deps.clock, call.account_id);
    if (!token) return tl::unexpected<Error>(token.error());
    production.build_token_uuid = token->uuid;
  }
  production.uuid = deps.entropy.uuid();
  production.account_id = call.account_id;
  production.worker_tag = wanted.tag;
  production.connection = connection;
  production.created_on = production.modified_on = deps.clock.now();
  connect::deploy_branch(production, wanted.branch);
  Result<model::Trigger> made = add_with_variables(deps, production, wanted.variables);
  if (!made) return made;
  model::Trigger previews = connect::previews_beside(production);
  previews.uuid = deps.entropy.uuid();
  const Result<model::Trigger> beside = add_with_variables(deps, previews, wanted.variables);
  if (beside) return made;
  (void)deps.triggers.delete_trigger(call.account_id, made->uuid, deps.clock.now());
  return tl::unexpected<Error>(beside.error());
}

Result<http::Reply> create_worker_build(const BuildsDeps& deps, const Call& call) {
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<NewWorkerBuild> wanted = read_new_worker_build(call, *object);
  if (!wanted) return tl::unexpected<Error>(wanted.error());
  const Result<model::Worker> worker = deps.workers.worker_by_tag(call.account_id, wanted->tag);
  if (!worker) return tl::unexpected<Error>(worker.error());
  if (const Status free = check_unconnected(deps, call, wanted->tag); !free)
    return tl::unexpected<Error>(free.error());
  const Result<model::RepoConnection> connection =
      connect_repo(deps, wanted->repo, "git_repository.clone_url");
  if (!connection) return tl::unexpected<Error>(connection.error());
  const Result<model::Trigger> production = add_pair(deps, call, *wanted, *connection);
  if (!production) return tl::unexpected<Error>(production.error());
  return worker_build_reply(deps, production->uuid, std::move(wanted->unknown), 201);
}

Result<http::Reply> get_worker_build(const BuildsDeps& deps, const Call& call) {
  const Result<OfWorker> found = of_path(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  return worker_build_reply(deps, found->production.uuid, {}, 200);
}

// The trigger of all other branches builds the one that was deployed `before`, and `branch` no more.
Status leave_out_of_previews(const BuildsDeps& deps, OfWorker& found, const std::string& before,
                             const std::string& branch) {
  if (!found.previews || branch.empty() || before == branch) return {};
  connect::leave_out(*found.previews, before, branch);
  found.previews->modified_on = deps.clock.now();
  const Result<model::Trigger> stored = deps.triggers.update_trigger(*found.previews);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return {};
}

Result<http::Reply> update_worker_build(const BuildsDeps& deps, const Call& call) {
  Result<OfWorker> found = of_path(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<WorkerBuildBody> wanted = read_changed_worker_build(*object, found->production);
  if (!wanted) return tl::unexpected<Error>(wanted.error());
  found->production = std::move(wanted->production);
  found->production.modified_on = deps.clock.now();
  const std::string before =
      found->production.branch_includes.empty() ? wanted->branch : found->production.branch_includes[0];
  if (!wanted->branch.empty()) connect::deploy_branch(found->production, wanted->branch);
  if (const Status fit = check_variables_of(deps, found->production.uuid, wanted->variables); !fit)
    return tl::unexpected<Error>(fit.error());
  const Result<model::Trigger> stored = deps.triggers.update_trigger(found->production);
  if (!stored) return tl::unexpected<Error>(as_body_error(stored.error()));
  if (const Status set = store_variables(deps, stored->uuid, wanted->variables); !set)
    return tl::unexpected<Error>(set.error());
  if (const Status moved = leave_out_of_previews(deps, *found, before, wanted->branch); !moved)
    return tl::unexpected<Error>(moved.error());
  return worker_build_reply(deps, stored->uuid, std::move(wanted->unknown), 200);
}

// The connection stays: other Workers may be built from it, and deleteRepoConnection ends it.
Result<http::Reply> delete_worker_build(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<model::Trigger>> all = triggers_of(deps, call);
  if (!all) return tl::unexpected<Error>(all.error());
  for (const model::Trigger& trigger : *all) {
    const Status gone = deps.triggers.delete_trigger(call.account_id, trigger.uuid, deps.clock.now());
    if (!gone && gone.error().code != Errc::not_found) return tl::unexpected<Error>(gone.error());
  }
  return success_response(nullptr);
}

}  // namespace

void add_worker_builds(Adder& routes, const Deps& deps) {
  routes.add("POST", "/workers", Needs::ci_write,
             [deps](const Call& call) { return create_worker_build(*deps, call); },
             {.work = http::Work::git});
  routes.add("GET", "/workers/{script_tag}", Needs::ci_read,
             [deps](const Call& call) { return get_worker_build(*deps, call); });
  routes.add("PATCH", "/workers/{script_tag}", Needs::ci_write,
             [deps](const Call& call) { return update_worker_build(*deps, call); });
  routes.add("DELETE", "/workers/{script_tag}", Needs::ci_write,
             [deps](const Call& call) { return delete_worker_build(*deps, call); });
}

}  // namespace kiln::api::builds
