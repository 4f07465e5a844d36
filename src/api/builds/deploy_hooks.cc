// Deploy hooks of a Worker, which these operations know by its name: list, create, show, change, delete.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/time_format.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::ptrdiff_t kLongestHookName = 58;  // characters
constexpr std::size_t kBytesOfCharacter = 4;

json::object hook_json(const model::DeployHook& hook) {
  return {{"deploy_hook_uuid", hook.uuid.str()},
          {"deploy_hook_name", hook.name},
          {"branch", hook.branch},
          {"external_script_id", hook.worker_tag},
          {"created_on", format_rfc3339(hook.created_on)},
          {"modified_on", format_rfc3339(hook.modified_on)}};
}

json::object listed_json(const model::DeployHook& hook) {
  json::object out = hook_json(hook);
  out["latest_build"] = nullptr;
  if (hook.latest_build_on) out["latest_build"] = {{"created_on", format_rfc3339(*hook.latest_build_on)}};
  return out;
}

std::ptrdiff_t characters(const std::string& utf8) {
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

struct AskedHook {
  std::string name;
  std::string branch;
  std::vector<std::string> unknown;
};

Result<AskedHook> read_body(const Call& call) {
  const Result<json::object> body = object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  AskedHook asked;
  asked.name = fields.required_text("deploy_hook_name", {1, kLongestHookName * kBytesOfCharacter, false});
  if (const std::ptrdiff_t length = characters(asked.name); length > kLongestHookName) {
    fields.refuse("deploy_hook_name",
                  fmt::format("is {} characters long; at most {} are allowed", length, kLongestHookName));
  }
  asked.branch = fields.required_text("branch", {1, model::kLongestBranchName, false});
  if (!asked.branch.empty()) {
    if (const Status fits = model::check_branch_name(asked.branch); !fits)
      fields.refuse("branch", fits.error().message);
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  asked.unknown = fields.unknown();
  return asked;
}

Result<model::Worker> worker_of(const BuildsDeps& deps, const Call& call) {
  return deps.workers.worker(call.account_id, call.request.param("script_name"));
}

Result<model::DeployHook> hook_of(const BuildsDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_of(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<Uuid> uuid = path_uuid(call, "deploy_hook_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  return deps.deploy_hooks.hook(call.account_id, worker->tag, *uuid);
}

Result<http::Reply> list_hooks(const BuildsDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_of(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const auto found = deps.deploy_hooks.hooks_of_worker(call.account_id, worker->tag);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array hooks;
  for (const model::DeployHook& hook : *found) hooks.push_back(listed_json(hook));
  const std::size_t count = hooks.size();
  return success_response(json::value(std::move(hooks)), page_info(1, static_cast<int>(count), count, count));
}

Result<http::Reply> create_hook(const BuildsDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_of(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<AskedHook> asked = read_body(call);
  if (!asked) return tl::unexpected<Error>(asked.error());
  model::DeployHook hook;
  hook.uuid = deps.entropy.uuid();
  hook.account_id = call.account_id;
  hook.worker_tag = worker->tag;
  hook.name = asked->name;
  hook.branch = asked->branch;
  hook.created_on = deps.clock.now();
  hook.modified_on = hook.created_on;
  const Status stored = deps.deploy_hooks.add_hook(hook);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_with_unknown(hook_json(hook), asked->unknown);
}

Result<http::Reply> show(const BuildsDeps& deps, const Call& call) {
  const Result<model::DeployHook> hook = hook_of(deps, call);
  if (!hook) return tl::unexpected<Error>(hook.error());
  return success_response(hook_json(*hook));
}

Result<http::Reply> update_hook(const BuildsDeps& deps, const Call& call) {
  Result<model::DeployHook> hook = hook_of(deps, call);
  if (!hook) return tl::unexpected<Error>(hook.error());
  const Result<AskedHook> asked = read_body(call);
  if (!asked) return tl::unexpected<Error>(asked.error());
  hook->name = asked->name;
  hook->branch = asked->branch;
  hook->modified_on = deps.clock.now();
  const Result<model::DeployHook> stored = deps.deploy_hooks.update_hook(*hook);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_with_unknown(hook_json(*stored), asked->unknown);
}

Result<http::Reply> remove_hook(const BuildsDeps& deps, const Call& call) {
  const Result<model::DeployHook> hook = hook_of(deps, call);
  if (!hook) return tl::unexpected<Error>(hook.error());
  const Result<model::DeployHook> gone =
      deps.deploy_hooks.delete_hook(call.account_id, hook->worker_tag, hook->uuid);
  if (!gone) return tl::unexpected<Error>(gone.error());
  return success_response(hook_json(*gone));
}

}  // namespace

void add_deploy_hooks(Adder& routes, const Deps& deps) {
  const std::string hooks = "/workers/{script_name}/deploy_hooks";
  const std::string hook = hooks + "/{deploy_hook_uuid}";
  routes.add("GET", hooks, Needs::ci_read, [deps](const Call& call) { return list_hooks(*deps, call); });
  routes.add("POST", hooks, Needs::ci_write, [deps](const Call& call) { return create_hook(*deps, call); });
  routes.add("GET", hook, Needs::ci_read, [deps](const Call& call) { return show(*deps, call); });
  routes.add("PUT", hook, Needs::ci_write, [deps](const Call& call) { return update_hook(*deps, call); });
  routes.add("DELETE", hook, Needs::ci_write, [deps](const Call& call) { return remove_hook(*deps, call); });
}

}  // namespace kiln::api::builds
