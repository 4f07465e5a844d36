// `kiln connect`: one call that makes, or brings up to date, the Worker, the repository connection with its
// hook secret, and the production and preview triggers.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "api/builds/clone_url.h"
#include "api/builds/handlers.h"
#include "api/builds/trigger_body.h"
#include "api/control/handlers.h"
#include "api/error_table.h"
#include "base/hex.h"
#include "base/strings.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "wire/json.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr wire::Fields::Text kCommand{0, 8192, true};

struct Wish {
  std::string url;
  std::string worker;
  std::string branch;
  std::string build_command;
  std::string deploy_command;
  std::string preview_deploy_command;
  std::string root_directory;
  bool previews = true;
  bool require_version = false;                  // false leaves a trigger that has it as it is
  std::optional<model::ForkBuilds> fork_builds;  // nothing: as it is, or never
};

bool is_worker_name(const std::string& name) {
  const auto inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  const auto outer = [&](char c) { return inner(c) && c != '-' && c != '_'; };
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), inner) &&
         outer(name.front()) && outer(name.back());
}

bool is_http(const std::string& url) {
  return url.compare(0, 7, "http://") == 0 || url.compare(0, 8, "https://") == 0;
}

Result<Wish> read_wish(const json::object& body) {
  wire::Fields fields(body);
  Wish wish;
  wish.url = fields.required_text("repo_url", {1, 2048, false});
  wish.worker = fields.required_text("worker", {1, 256, false});
  wish.branch = fields.optional_text("branch", {1, model::kLongestBranchName, false}).value_or("main");
  wish.build_command = fields.optional_text("build_command", kCommand).value_or("");
  wish.deploy_command = fields.optional_text("deploy_command", kCommand).value_or("");
  wish.preview_deploy_command = fields.optional_text("preview_deploy_command", kCommand).value_or("");
  wish.root_directory = fields.optional_text("root_directory", {0, 1024, false}).value_or("/");
  wish.require_version = fields.optional_bool("require_version").value_or(false);
  if (const auto word = fields.optional_text("fork_pull_requests", {1, 32, false})) {
    wish.fork_builds = model::parse_fork_builds(*word);
    if (!wish.fork_builds) {
      fields.refuse("fork_pull_requests", "must be never, without_secrets or with_secrets");
    }
  }
  wish.previews = fields.optional_bool("previews").value_or(true);
  if (wish.deploy_command.empty()) wish.deploy_command = "npx wrangler deploy";
  if (wish.preview_deploy_command.empty()) wish.preview_deploy_command = "npx wrangler versions upload";
  if (!wish.worker.empty() && !is_worker_name(wish.worker)) {
    fields.refuse("worker",
                  "must be lower-case letters, digits and inner hyphens or underscores, at most 63");
  }
  if (const Status fits = scm::check_remote_url(wish.url); !wish.url.empty() && !fits) {
    fields.refuse("repo_url", fits.error().message);
  }
  if (const Status fits = model::check_branch_name(wish.branch); !fits)
    fields.refuse("branch", fits.error().message);
  const Result<std::string> directory = builds::normal_root_directory(wish.root_directory);
  if (directory) {
    wish.root_directory = *directory;
  } else {
    fields.refuse("root_directory", directory.error().message);
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return wish;
}

// ("acme", "shop") of ".../acme/shop.git"; the owner may be empty for a bare path.
std::pair<std::string, std::string> owner_and_name(const std::string& url) {
  std::string path = url;
  while (!path.empty() && path.back() == '/') path.pop_back();
  if (path.size() > 4 && path.compare(path.size() - 4, 4, ".git") == 0) path.resize(path.size() - 4);
  const std::size_t cut = path.find_last_of("/:");
  const std::string name = cut == std::string::npos ? path : path.substr(cut + 1);
  path.resize(cut == std::string::npos ? 0 : cut);
  return {path.substr(path.find_last_of("/:") + 1), name};
}

model::RepoConnection connection_for(const ControlDeps& deps, const Call& call, const Wish& wish) {
  const auto [owner, name] = owner_and_name(wish.url);
  model::RepoConnection connection;
  connection.uuid = deps.builds.entropy.uuid();
  connection.account_id = call.account_id;
  connection.provider_type = is_http(wish.url) ? "github" : "git";
  connection.provider_account_id = owner.empty() ? "local" : owner;
  connection.provider_account_name = connection.provider_account_id;
  // A plain repository has no id but where it is; a host's own id is learnt from its first hook.
  connection.repo_id = is_http(wish.url) ? "provisional:" + owner + "/" + name : wish.url;
  connection.repo_name = name;
  connection.clone_url = wish.url;
  connection.created_on = deps.builds.clock.now();
  connection.modified_on = connection.created_on;
  return connection;
}

// The connection of this very URL when there is one (its host may have told its id since), else a fresh one.
Result<model::RepoConnection> ensure_connection(const ControlDeps& deps, const Call& call, const Wish& wish) {
  const Result<std::vector<model::RepoConnection>> all = deps.builds.triggers.connections(call.account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  for (const model::RepoConnection& connection : *all) {
    if (connection.clone_url == wish.url && !connection.deleted_on) return connection;
  }
  return deps.builds.triggers.upsert_connection(connection_for(deps, call, wish));
}

Result<store::TriggerStore::Hook> ensure_hook(const ControlDeps& deps, const Uuid& connection) {
  const Result<std::optional<store::TriggerStore::Hook>> found = deps.builds.triggers.hook(connection);
  if (!found) return tl::unexpected<Error>(found.error());
  if (*found) return **found;
  const store::TriggerStore::Hook fresh{to_base64url(deps.builds.entropy.bytes(18)),
                                        to_base64url(deps.builds.entropy.bytes(32))};
  const Status stored = deps.builds.triggers.set_hook(connection, fresh.hook_id, fresh.secret);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return fresh;
}

Result<model::Worker> ensure_worker(const ControlDeps& deps, const Call& call, const std::string& name) {
  model::Worker worker;
  worker.tag = deps.builds.entropy.hex32();
  worker.account_id = call.account_id;
  worker.name = name;
  worker.created_on = deps.builds.clock.now();
  worker.modified_on = worker.created_on;
  return deps.builds.workers.ensure_worker(worker);
}

Result<model::BuildToken> ensure_token(const ControlDeps& deps, const Call& call) {
  model::BuildToken token;
  token.uuid = deps.builds.entropy.uuid();
  token.account_id = call.account_id;
  token.name = "Default build token";
  token.cloudflare_token_id = deps.builds.entropy.hex32();
  token.is_default = true;
  token.created_on = deps.builds.clock.now();
  return deps.builds.triggers.default_build_token(token);
}

// The trigger of that name on this Worker and connection: changed when it is there, added when not.
Result<model::Trigger> ensure_trigger(const ControlDeps& deps, const Wish& wish,
                                      const model::Trigger& wanted) {
  const auto existing = deps.builds.triggers.triggers_of_worker(wanted.account_id, wanted.worker_tag);
  if (!existing) return tl::unexpected<Error>(existing.error());
  for (const model::Trigger& trigger : *existing) {
    if (trigger.name != wanted.name || trigger.connection.uuid != wanted.connection.uuid) continue;
    model::Trigger changed = trigger;
    changed.build_command = wanted.build_command;
    changed.deploy_command = wanted.deploy_command;
    changed.root_directory = wanted.root_directory;
    changed.require_version = wanted.require_version || trigger.require_version;
    changed.fork_builds = wish.fork_builds.value_or(trigger.fork_builds);
    changed.branch_includes = wanted.branch_includes;
    changed.branch_excludes = wanted.branch_excludes;
    changed.modified_on = deps.builds.clock.now();
    return deps.builds.triggers.update_trigger(changed);
  }
  model::Trigger fresh = wanted;
  fresh.uuid = deps.builds.entropy.uuid();
  fresh.created_on = deps.builds.clock.now();
  fresh.modified_on = fresh.created_on;
  return deps.builds.triggers.add_trigger(fresh);
}

Result<json::array> ensure_triggers(const ControlDeps& deps, const Call& call, const Wish& wish,
                                    const model::Worker& worker, const model::RepoConnection& connection) {
  const Result<model::BuildToken> token = ensure_token(deps, call);
  if (!token) return tl::unexpected<Error>(token.error());
  model::Trigger production;
  production.account_id = call.account_id;
  production.worker_tag = worker.tag;
  production.connection = connection;
  production.build_token_uuid = token->uuid;
  production.name = "Deploy " + wish.branch;
  production.build_command = wish.build_command;
  production.deploy_command = wish.deploy_command;
  production.root_directory = wish.root_directory;
  production.require_version = wish.require_version;
  production.fork_builds = wish.fork_builds.value_or(model::ForkBuilds::never);
  production.branch_includes = {wish.branch};
  production.path_includes = {"*"};
  std::vector<model::Trigger> wanted = {production};
  if (wish.previews) {
    model::Trigger preview = production;
    preview.name = "Preview other branches";
    preview.deploy_command = wish.preview_deploy_command;
    preview.branch_includes = {"*"};
    preview.branch_excludes = {wish.branch};
    wanted.push_back(std::move(preview));
  }
  json::array made;
  for (const model::Trigger& trigger : wanted) {
    const Result<model::Trigger> stored = ensure_trigger(deps, wish, trigger);
    if (!stored) return tl::unexpected<Error>(stored.error());
    made.push_back(wire::trigger_json(*stored, true));
  }
  return made;
}

Result<http::Reply> connect(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<Wish> wish = read_wish(*object);
  if (!wish) return tl::unexpected<Error>(wish.error());
  const Result<model::CleanUrl> clean = builds::reachable_url(deps.builds, wish->url, "repo_url");
  if (!clean) return tl::unexpected<Error>(clean.error());
  wish->url = clean->url;
  const Result<model::Worker> worker = ensure_worker(deps, call, wish->worker);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::RepoConnection> connection = ensure_connection(deps, call, *wish);
  if (!connection) return tl::unexpected<Error>(connection.error());
  if (!clean->authorization.empty()) {
    const Status kept = deps.builds.triggers.set_clone_authorization(connection->uuid, clean->authorization);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  const Result<store::TriggerStore::Hook> hook = ensure_hook(deps, connection->uuid);
  if (!hook) return tl::unexpected<Error>(hook.error());
  const Result<json::array> triggers = ensure_triggers(deps, call, *wish, *worker, *connection);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  const bool github = connection->provider_type == "github";
  const std::string url = deps.public_url + (github ? "/webhooks/github" : "/hooks/git/" + hook->hook_id);
  return success_response(
      {{"worker", {{"name", worker->name}, {"tag", worker->tag}}},
       {"connection", wire::connection_json(*connection)},
       {"triggers", *triggers},
       {"hook", {{"kind", github ? "github" : "git"}, {"url", url}, {"secret", hook->secret}}}});
}

}  // namespace

void add_connect(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("POST", "/kiln/v1/accounts/{account_id}/connect", {.work = http::Work::git},
             gate.guard(Needs::admin, [deps](const Call& call) { return connect(*deps, call); }));
}

}  // namespace kiln::api::control
