#include "connect/keep_triggers.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/default_token.h"

namespace kiln::connect {
namespace {

constexpr const char* kPreviewsName = "Preview other branches";
constexpr const char* kUpload = "npx wrangler versions upload";
constexpr const char* kUsualBranch = "main";

std::string production_name(const std::string& branch) {
  return "Deploy " + branch;
}

// Where nobody named a branch: HEAD of the repository.
std::string branch_of_repository(const Ports& ports, Connected& out) {
  const Result<std::string> head = ports.default_branch(out.connection);
  if (head) return *head;
  const bool is_read = head.error().field == "branch";  // and has none yet
  out.notes.push_back(
      fmt::format("{}: {}. The production branch is taken to be \"{}\"; name another with --branch.",
                  is_read ? "Nothing can be built yet"
                          : "Kiln cannot read the repository yet, and builds nothing until it can",
                  head.error().message, kUsualBranch));
  return kUsualBranch;
}

void take_wishes(const Wish& wish, model::Trigger& trigger) {
  if (wish.build_command) trigger.build_command = *wish.build_command;
  if (wish.root_directory) trigger.root_directory = *wish.root_directory;
  if (wish.require_version) trigger.require_version = *wish.require_version;
  if (wish.fork_builds) trigger.fork_builds = *wish.fork_builds;
}

// Stores `wanted`, which was `before` or is new, and notes what that changed.
Status keep(const Ports& ports, const std::optional<model::Trigger>& before, model::Trigger wanted,
            Connected& out) {
  std::vector<Change> changes;
  if (before) {
    changes = changes_of(*before, wanted);
  } else {
    changes.push_back({wanted.name, "trigger_name", "", wanted.name});
  }
  if (before && changes.empty()) {
    out.triggers.push_back(*before);
    return {};
  }
  wanted.modified_on = ports.clock.now();
  if (!before) {
    wanted.uuid = ports.entropy.uuid();
    wanted.created_on = wanted.modified_on;
  }
  Result<model::Trigger> stored =
      before ? ports.triggers.update_trigger(wanted) : ports.triggers.add_trigger(wanted);
  if (!stored) return tl::unexpected<Error>(stored.error());
  out.triggers.push_back(std::move(*stored));
  out.changes.insert(out.changes.end(), changes.begin(), changes.end());
  return {};
}

Status end_previews(const Ports& ports, const model::Trigger& previews, Connected& out) {
  Status gone = ports.triggers.delete_trigger(previews.account_id, previews.uuid, ports.clock.now());
  if (gone) out.changes.push_back({previews.name, "trigger_name", previews.name, ""});
  return gone;
}

Result<model::Trigger> production_wanted(const Ports& ports, const Wish& wish, const Pair& pair,
                                         Connected& out) {
  model::Trigger wanted;
  if (pair.production) {
    wanted = *pair.production;
    if (wish.branch) deploy_branch(wanted, *wish.branch);
  } else {
    const Result<model::BuildToken> token =
        store::default_token(ports.build_tokens, ports.entropy, ports.clock, out.worker.account_id);
    if (!token) return tl::unexpected<Error>(token.error());
    wanted.account_id = out.worker.account_id;
    wanted.worker_tag = out.worker.tag;
    wanted.connection = out.connection;
    wanted.build_token_uuid = token->uuid;
    wanted.deploy_command = model::kDefaultDeployCommand;
    wanted.path_includes = {"*"};
    deploy_branch(wanted, wish.branch ? *wish.branch : branch_of_repository(ports, out));
  }
  take_wishes(wish, wanted);
  if (wish.deploy_command) wanted.deploy_command = *wish.deploy_command;
  return wanted;
}

model::Trigger previews_wanted(const Wish& wish, const Pair& pair, const model::Trigger& production) {
  model::Trigger wanted = pair.previews ? *pair.previews : previews_beside(production);
  const std::string& branch = production.branch_includes[0];
  leave_out(wanted, pair.production ? pair.production->branch_includes[0] : branch, branch);
  take_wishes(wish, wanted);
  if (wish.preview_deploy_command) wanted.deploy_command = *wish.preview_deploy_command;
  return wanted;
}

}  // namespace

void deploy_branch(model::Trigger& production, const std::string& branch) {
  const bool usual_name =
      production.branch_includes.empty() || production.name == production_name(production.branch_includes[0]);
  if (usual_name) production.name = production_name(branch);
  production.branch_includes = {branch};
}

model::Trigger previews_beside(const model::Trigger& production) {
  model::Trigger previews = production;
  previews.name = kPreviewsName;
  previews.deploy_command = kUpload;
  previews.branch_includes = {"*"};
  previews.branch_excludes = production.branch_includes;
  return previews;
}

void leave_out(model::Trigger& previews, const std::string& before, const std::string& branch) {
  std::vector<std::string>& excludes = previews.branch_excludes;
  if (before != branch) std::replace(excludes.begin(), excludes.end(), before, branch);
  if (std::find(excludes.begin(), excludes.end(), branch) == excludes.end()) excludes.push_back(branch);
}

Status keep_triggers(const Ports& ports, const Wish& wish, Connected& out) {
  Result<std::vector<model::Trigger>> here =
      ports.triggers.triggers_of_worker(out.worker.account_id, out.worker.tag);
  if (!here) return tl::unexpected<Error>(here.error());
  std::erase_if(*here, [&](const model::Trigger& one) { return one.connection.uuid != out.connection.uuid; });
  const Pair pair = pair_of(*here);

  const Result<model::Trigger> production = production_wanted(ports, wish, pair, out);
  if (!production) return tl::unexpected<Error>(production.error());
  if (Status kept = keep(ports, pair.production, *production, out); !kept) return kept;

  const bool previews = wish.previews.value_or(pair.previews || !pair.production);
  if (previews) {
    const model::Trigger wanted = previews_wanted(wish, pair, *production);
    if (Status kept = keep(ports, pair.previews, wanted, out); !kept) return kept;
  } else if (pair.previews) {
    if (Status gone = end_previews(ports, *pair.previews, out); !gone) return gone;
  }
  for (model::Trigger& other : *here) {
    const bool is_pair = (pair.production && other.uuid == pair.production->uuid) ||
                         (pair.previews && other.uuid == pair.previews->uuid);
    if (!is_pair) out.triggers.push_back(std::move(other));
  }
  return {};
}

}  // namespace kiln::connect
