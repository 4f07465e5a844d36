// Builds that somebody asks for: createManualBuild and retry.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/at_host.h"
#include "api/builds/handlers.h"
#include "api/builds/seed_body.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

bool is_commit_hash(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

struct AskedBuild {
  std::string branch;
  std::string commit;
  std::optional<scm::Seed> seed;
  std::vector<std::string> unknown;
};

Result<AskedBuild> read_body(const Call& call, const json::object& body) {
  wire::Fields fields(body);
  AskedBuild asked;
  asked.branch = fields.optional_text("branch", {1, model::kLongestBranchName, false}).value_or("");
  asked.commit = to_lower(fields.optional_text("commit_hash", {1, 64, false}).value_or(""));
  if (!asked.branch.empty()) {
    if (const Status fits = model::check_branch_name(asked.branch); !fits)
      fields.refuse("branch", fits.error().message);
  }
  if (!asked.commit.empty() && !is_commit_hash(asked.commit)) {
    fields.refuse("commit_hash", "must be a full hash of 40 or 64 hex digits");
  }
  const json::object* seed = fields.optional_object("seed_repo");
  if (seed != nullptr && !asked.commit.empty())
    fields.refuse("commit_hash", "cannot be given with seed_repo, which makes a commit");
  if (asked.branch.empty() && asked.commit.empty() && seed == nullptr && fields.status()) {
    fields.refuse("branch", "or commit_hash is required");
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  asked.unknown = fields.unknown();
  if (seed == nullptr) return asked;
  Result<SeedBody> read = read_seed(call, *seed);
  if (!read) return tl::unexpected<Error>(read.error());
  asked.seed = std::move(read->seed);
  asked.unknown.insert(asked.unknown.end(), read->unknown.begin(), read->unknown.end());
  return asked;
}

// A branch or commit that git does not find is the body's fault.
Error as_commit_error(Error error, const AskedBuild& asked) {
  if (error.code != Errc::not_found) return error;
  const bool by_commit = !asked.commit.empty();
  return {Errc::invalid,
          fmt::format("Invalid request body: {} '{}' is not in the repository",
                      by_commit ? "commit_hash" : "branch", by_commit ? asked.commit : asked.branch),
          by_commit ? "commit_hash" : "branch"};
}

model::TriggerSource source_of(const Call& call) {
  return call.who.is_admin ? model::TriggerSource::manual : model::TriggerSource::api;
}

json::value started_json(const model::Build& build, bool already_exists = false) {
  return {{"build_uuid", build.uuid.str()},
          {"created_on", format_rfc3339(build.created_on)},
          {"status", to_string(build.status)},
          {"already_exists", already_exists}};
}

// The branch a build of a bare commit is filed under: the trigger's first exact branch.
std::string branch_of(const model::Trigger& trigger) {
  const auto exact = std::find_if(trigger.branch_includes.begin(), trigger.branch_includes.end(),
                                  [](const std::string& p) { return p.find('*') == std::string::npos; });
  return exact == trigger.branch_includes.end() ? "" : *exact;
}

// The newest build of the commit by this trigger, unless it was skipped; looked for among the Worker's last.
Result<std::optional<model::Build>> build_of_commit(const BuildsDeps& deps, const model::Trigger& trigger,
                                                    const std::string& commit) {
  constexpr store::Page kLast{1, 100};
  const auto builds = deps.builds.builds_of_worker(trigger.account_id, trigger.worker_tag, kLast);
  if (!builds) return tl::unexpected<Error>(builds.error());
  for (const store::BuildRow& row : builds->items) {
    const bool may_be =
        row.build.trigger_uuid == trigger.uuid && row.build.outcome != model::BuildOutcome::skipped;
    if (may_be && row.build.metadata.commit_hash == commit) {
      return std::optional<model::Build>(row.build);
    }
  }
  return std::optional<model::Build>();
}

Result<http::Reply> create_seeded(const BuildsDeps& deps, const Call& call, const model::Trigger& trigger,
                                  const AskedBuild& asked) {
  const std::string branch = asked.branch.empty() ? branch_of(trigger) : asked.branch;
  if (branch.empty()) {
    return fail(Errc::invalid, "Invalid request body: branch is required: the trigger does not name one",
                "branch");
  }
  const Result<CommitInfo> commit = deps.seed_branch(trigger.connection, branch, *asked.seed);
  if (!commit && commit.error().field.starts_with("seed_repo")) {
    const Error& error = commit.error();
    return fail(Errc::invalid, fmt::format("Invalid request body: {}: {}", error.field, error.message),
                error.field);
  }
  if (!commit) return tl::unexpected<Error>(commit.error());
  // The host's hook may have been quicker, and a request may be asked again because its answer was lost.
  const Result<std::optional<model::Build>> known = build_of_commit(deps, trigger, commit->hash);
  if (!known) return tl::unexpected<Error>(known.error());
  if (*known) return success_with_unknown(started_json(**known, true), asked.unknown);
  const Result<model::Build> build =
      deps.queue.build_now(trigger, {source_of(call), branch, commit->hash, commit->message, commit->author});
  if (!build) return tl::unexpected<Error>(build.error());
  return success_with_unknown(started_json(*build), asked.unknown);
}

Result<http::Reply> create_of_commit(const BuildsDeps& deps, const Call& call, const model::Trigger& trigger,
                                     const AskedBuild& asked) {
  const Result<CommitInfo> commit = deps.resolve_commit(trigger.connection, asked.branch, asked.commit);
  if (!commit) return tl::unexpected<Error>(as_commit_error(commit.error(), asked));
  const std::string branch = asked.branch.empty() ? branch_of(trigger) : asked.branch;
  const Result<model::Build> build =
      deps.queue.build_now(trigger, {source_of(call), branch, commit->hash, commit->message, commit->author});
  if (!build) return tl::unexpected<Error>(build.error());
  return success_with_unknown(started_json(*build), asked.unknown);
}

Result<http::Reply> create_build(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<model::Trigger> trigger = deps.triggers.trigger(call.account_id, *uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  const Result<AskedBuild> asked = read_body(call, *object);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const std::string& url = trigger->connection.clone_url;
  return at_host(deps.hosts, call.request, url, [&]() -> Result<http::Reply> {
    if (!asked->seed) return create_of_commit(deps, call, *trigger, *asked);
    const std::string& source = asked->seed->source.url;
    const auto seeded = [&] { return create_seeded(deps, call, *trigger, *asked); };
    return scm::host_of(source) == scm::host_of(url) ? seeded()
                                                     : at_host(deps.hosts, call.request, source, seeded);
  });
}

// The same trigger, as it is now, with the old build's branch and commit.
Result<http::Reply> retry(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::BuildView> old = deps.builds.build(call.account_id, *uuid);
  if (!old) return tl::unexpected<Error>(old.error());
  if (!model::is_over(old->build.status)) {
    return fail(Errc::conflict, "the build has not stopped yet; cancel it first, or wait", "build_uuid");
  }
  if (old->trigger.deleted_on) {
    return fail(Errc::conflict, "the build's trigger was deleted; start a build of another trigger",
                "build_uuid");
  }
  const model::BuildMetadata& meta = old->build.metadata;
  const Result<model::Build> build = deps.queue.build_now(
      old->trigger, {source_of(call), meta.branch, meta.commit_hash, meta.commit_message, meta.author,
                     old->build.pull_request, old->build.restricted, old->build.waits_for_approval});
  if (!build) return tl::unexpected<Error>(build.error());
  return success_response(started_json(*build));
}

}  // namespace

void add_manual_builds(Adder& routes, const Deps& deps) {
  // Asks git, which may have to ask the host.
  const http::RouteOptions asks_git{1U << 20U, http::Work::git};
  routes.add(
      "POST", "/triggers/{trigger_uuid}/builds", Needs::ci_write,
      [deps](const Call& call) { return create_build(*deps, call); }, asks_git);
  routes.add("POST", "/builds/{build_uuid}/retry", Needs::ci_write,
             [deps](const Call& call) { return retry(*deps, call); });
}

}  // namespace kiln::api::builds
