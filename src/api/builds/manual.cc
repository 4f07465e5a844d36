// Builds that somebody asks for: createManualBuild and retry.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "scm/git/git.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

bool is_commit_hash(const std::string& text) {
  return text.size() >= 7 && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

struct Asked {
  std::string branch;
  std::string commit;
  std::vector<std::string> unknown;
};

Result<Asked> read_body(const json::object& body) {
  wire::Fields fields(body);
  Asked asked;
  asked.branch = fields.optional_text("branch", {1, 256, false}).value_or("");
  asked.commit = to_lower(fields.optional_text("commit_hash", {1, 64, false}).value_or(""));
  if (!asked.branch.empty()) {
    if (const Status fits = scm::check_branch_name(asked.branch); !fits)
      fields.refuse("branch", fits.error().message);
  }
  if (!asked.commit.empty() && !is_commit_hash(asked.commit)) {
    fields.refuse("commit_hash", "must be 7 to 64 hex digits");
  }
  if (asked.branch.empty() && asked.commit.empty() && fields.status()) {
    fields.refuse("branch", "or commit_hash is required");
  }
  if (body.contains("seed_repo"))
    fields.refuse("seed_repo", "is not supported by this version; push the files instead");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  asked.unknown = fields.unknown();
  return asked;
}

// A branch or commit that git does not find is the body's fault.
Error as_body_error(Error error, const Asked& asked) {
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

json::value started_json(const model::Build& build) {
  return {{"build_uuid", build.uuid.str()},
          {"created_on", format_rfc3339(build.created_on)},
          {"status", to_string(build.status)},
          {"already_exists", false}};
}

// The branch a build of a bare commit is filed under: the trigger's first exact branch.
std::string branch_of(const model::Trigger& trigger) {
  const auto exact = std::find_if(trigger.branch_includes.begin(), trigger.branch_includes.end(),
                                  [](const std::string& p) { return p.find('*') == std::string::npos; });
  return exact == trigger.branch_includes.end() ? "" : *exact;
}

Result<http::Reply> create(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<model::Trigger> trigger = deps.triggers.trigger(call.account_id, *uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  const Result<Asked> asked = read_body(*object);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const Result<CommitInfo> commit = deps.resolve_commit(trigger->connection, asked->branch, asked->commit);
  if (!commit) return tl::unexpected<Error>(as_body_error(commit.error(), *asked));
  const std::string branch = asked->branch.empty() ? branch_of(*trigger) : asked->branch;
  const Result<model::Build> build = deps.queue.build_now(
      *trigger, {source_of(call), branch, commit->hash, commit->message, commit->author});
  if (!build) return tl::unexpected<Error>(build.error());
  return success_with_unknown(started_json(*build), asked->unknown);
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
      old->trigger, {source_of(call), meta.branch, meta.commit_hash, meta.commit_message, meta.author});
  if (!build) return tl::unexpected<Error>(build.error());
  return success_response(started_json(*build));
}

}  // namespace

void add_manual_builds(Adder& routes, const Deps& deps) {
  // Asks git, which may have to ask the host.
  const http::RouteOptions asks_git{1U << 20U, true};
  routes.add(
      "POST", "/triggers/{trigger_uuid}/builds", Needs::ci_write,
      [deps](const Call& call) { return create(*deps, call); }, asks_git);
  routes.add("POST", "/builds/{build_uuid}/retry", Needs::ci_write,
             [deps](const Call& call) { return retry(*deps, call); });
}

}  // namespace kiln::api::builds
