#include "api/builds/worker_build_body.h"

#include <array>
#include <boost/json.hpp>

#include "api/builds/trigger_body.h"
#include "base/ids.h"
#include "base/strings.h"
#include "model/branch_name.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

std::string read_branch(wire::Fields& fields) {
  std::string branch = fields.required_text("branch", {1, model::kLongestBranchName, false});
  if (branch.empty()) return branch;
  if (const Status fits = model::check_branch_name(branch); !fits)
    fields.refuse("branch", fits.error().message);
  return branch;
}

// That and nothing else of a repository can be changed.
std::string read_new_branch(wire::Fields& fields, const model::RepoConnection& repo) {
  const std::array<std::pair<const char*, const std::string*>, 5> fixed = {
      {{"provider_type", &repo.provider_type},
       {"provider_account_id", &repo.provider_account_id},
       {"provider_account_name", &repo.provider_account_name},
       {"repo_id", &repo.repo_id},
       {"repo_name", &repo.repo_name}}};
  for (const auto& [name, is] : fixed) {
    const std::optional<std::string> wanted = fields.optional_text(name, {0, 512, false});
    if (!wanted || *wanted == *is) continue;
    fields.refuse(
        name,
        "cannot be changed: disconnect the Worker (deleteWorkerBuild), then connect it to the other "
        "repository");
  }
  return read_branch(fields);
}

Status take_production(const json::object& object, const model::Trigger& current, bool all,
                       WorkerBuildBody& body) {
  Result<SettingsBody> read = read_settings(object, current, all);
  if (!read) return tl::unexpected<Error>(read.error());
  body.note(read->unknown);
  body.names_token = read->names_token;
  body.production = std::move(read->trigger);
  if (read->variables == nullptr) return {};
  Result<AskedVariables> asked =
      read_keyed_variables(*read->variables, "production_settings.environment_variables.");
  if (!asked) return tl::unexpected<Error>(asked.error());
  body.note(asked->unknown);
  body.variables = *std::move(asked);
  return {};
}

}  // namespace

Result<NewWorkerBuild> read_new_worker_build(const Call& call, const json::object& object) {
  wire::Fields fields(object);
  NewWorkerBuild body;
  body.tag = to_lower(fields.required_text("script_tag", {1, 64, false}));
  if (!body.tag.empty() && !is_hex32(body.tag)) {
    fields.refuse("script_tag", "must be a Worker's tag (32 hex digits), not its name");
  }
  const json::object* repo = fields.optional_object("git_repository");
  if (repo == nullptr && fields.status()) fields.refuse("git_repository", "is required");
  const json::object* settings = fields.optional_object("production_settings");
  if (settings == nullptr && fields.status()) fields.refuse("production_settings", "is required");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  body.note(fields.unknown());

  wire::Fields of_repo(*repo, "git_repository.");
  body.repo = read_repo(of_repo, call);
  body.branch = read_branch(of_repo);
  (void)of_repo.optional_text("grant_id", {0, 512, false});  // a hosted integration's own
  if (Status fine = of_repo.status(); !fine) return tl::unexpected<Error>(fine.error());
  body.note(of_repo.unknown());

  model::Trigger usual;
  usual.path_includes = {"*"};
  usual.build_caching_enabled = true;
  if (const Status taken = take_production(*settings, usual, true, body); !taken)
    return tl::unexpected<Error>(taken.error());
  if (const Status fit = check_variables(body.variables, {}); !fit) return tl::unexpected<Error>(fit.error());
  return body;
}

Result<WorkerBuildBody> read_changed_worker_build(const json::object& object,
                                                  const model::Trigger& production) {
  wire::Fields fields(object);
  WorkerBuildBody body;
  body.production = production;
  const json::object* repo = fields.optional_object("git_repository");
  const json::object* settings = fields.optional_object("production_settings");
  if (repo == nullptr && settings == nullptr && fields.status())
    fields.refuse("git_repository", "or production_settings is required");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  body.note(fields.unknown());
  if (repo != nullptr) {
    wire::Fields of_repo(*repo, "git_repository.");
    body.branch = read_new_branch(of_repo, production.connection);
    (void)of_repo.optional_text("grant_id", {0, 512, false});
    if (Status fine = of_repo.status(); !fine) return tl::unexpected<Error>(fine.error());
    body.note(of_repo.unknown());
  }
  if (settings == nullptr) return body;
  if (const Status taken = take_production(*settings, production, false, body); !taken)
    return tl::unexpected<Error>(taken.error());
  return body;
}

}  // namespace kiln::api::builds
