// The second half of the scheduler: claims and every later move, for runners and for whoever cancels.
#include <fmt/format.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/printable.h"
#include "model/principal.h"
#include "queue/queue.h"

namespace kiln::queue {
namespace {

// The frozen variables, with the secrets' values put back.
std::vector<model::EnvVar> with_values(std::vector<model::EnvVar> variables,
                                       const std::map<std::string, std::string>& secrets) {
  for (model::EnvVar& variable : variables) {
    const auto secret = secrets.find(variable.name);
    if (variable.is_secret && secret != secrets.end()) variable.value = secret->second;
  }
  return variables;
}

}  // namespace

// Of a repository of this machine: the account's others there, which may be its submodules.
std::vector<std::string> Queue::repositories_beside(const model::RepoConnection& connection) {
  std::vector<std::string> folders;
  if (!connection.clone_url.starts_with('/')) return folders;
  const Result<std::vector<model::RepoConnection>> all = connections_.connections(connection.account_id);
  if (!all) return folders;
  for (const model::RepoConnection& one : *all) {
    if (one.clone_url.starts_with('/')) folders.push_back(one.clone_url);
  }
  return folders;
}

Result<std::optional<model::JobSpec>> Queue::claim(const std::string& runner_id) {
  const std::string minted = std::string(model::kBuildTokenPrefix) + to_base64url(entropy_.bytes(32));
  store::ClaimRequest request;
  request.runner_id = runner_id;
  request.lease_id = entropy_.uuid();
  request.lease_ms = settings_.lease_ms;
  request.max_running = settings_.concurrency;
  request.token_hash = sha256(minted);
  Result<store::ClaimResult> result = queue_.claim(request);
  if (!result) return tl::unexpected<Error>(result.error());
  for (const Uuid& stopped : result->stopped) announce(stopped);
  if (!result->claimed) return std::nullopt;
  store::Claimed& found = *result->claimed;
  model::JobSpec job;
  job.build_uuid = found.build.uuid;
  job.lease_id = request.lease_id;
  job.lease_ms = settings_.lease_ms;
  job.attempt = found.attempt;
  job.account_id = found.build.account_id;
  job.worker_tag = found.worker.tag;
  job.worker_name = found.worker.name;
  job.clone_url = found.connection.clone_url;
  job.branch = found.build.metadata.branch;
  if (Result<std::string> authorization = connections_.clone_authorization(found.connection.uuid)) {
    job.clone_authorization = std::move(*authorization);
  } else {
    log::error("build={} goes without its repository's credentials: {}", job.build_uuid.str(),
               authorization.error().message);
  }
  if (Result<model::SshAccess> ssh = connections_.ssh_access(found.connection.uuid)) {
    job.ssh = std::move(*ssh);
  } else {
    log::error("build={} goes without its repository's keys: {}", job.build_uuid.str(), ssh.error().message);
  }
  job.local_repositories = repositories_beside(found.connection);
  job.commit_hash = found.build.metadata.commit_hash;
  job.build_command = found.build.metadata.build_command;
  job.deploy_command = found.build.metadata.deploy_command;
  job.root_directory = found.build.metadata.root_directory;
  job.environment = with_values(std::move(found.build.metadata.environment), found.secrets);
  job.build_token_missing = !found.build_token_secret;
  job.build_caching_enabled = found.trigger.build_caching_enabled;
  job.trigger_uuid = found.trigger.uuid;
  job.cache_trust = model::cache_trust_of(found.trigger.branch_includes, job.branch);
  job.cache_epoch = found.trigger.cache_epoch;
  job.restricted = found.build.restricted;
  job.require_version = found.trigger.require_version && !job.restricted;
  job.timeout_ms = settings_.build_timeout_ms;
  if (job.restricted) {
    job.build_token_missing = false;  // it needs none
  } else if (settings_.embedded_target) {
    job.api_base_url = settings_.api_base_url;
    job.api_token = minted;
  } else {
    job.account_id = settings_.outside_account;
    if (found.build_token_secret) job.api_token = *found.build_token_secret;
  }
  moved(job.build_uuid);
  return job;
}

Status Queue::renew(const Uuid& build, const Uuid& lease) {
  return queue_.renew(build, lease, settings_.lease_ms);
}

Result<model::RepoConnection> Queue::connection_of(const Uuid& build, const Uuid& lease) {
  return queue_.leased_connection(build, lease);
}

Status Queue::enter_step(const Uuid& build, const Uuid& lease, model::Step step) {
  Status entered = queue_.enter_step(build, lease, step);
  if (entered) moved(build);
  return entered;
}

Status Queue::append_log(const Uuid& build, const Uuid& lease, int seq,
                         const std::vector<model::LogChunk>& chunks, const model::StoryNotes& story) {
  Status appended = queue_.append_log(build, lease, seq, chunks, story);
  if (appended) hub_.notify(events::build_topic(build));
  return appended;
}

Result<int> Queue::uploads(const Uuid& build, const Uuid& lease, const std::vector<Uuid>& claims) {
  const Result<store::Uploads> uploads =
      queue_.uploads(build, lease, settings_.embedded_target ? std::vector<Uuid>() : claims);
  if (!uploads) return tl::unexpected<Error>(uploads.error());
  for (const Uuid& refused : uploads->refused) {
    log::warn("version claim refused build={} version={} reason=\"it belongs to another upload\"",
              build.str(), refused.str());
  }
  if (!claims.empty()) hub_.notify(events::build_topic(build));
  return uploads->versions;
}

Result<std::map<Uuid, std::int64_t>> Queue::cache_epochs(const std::vector<Uuid>& triggers) {
  return triggers_.cache_epochs(triggers);
}

Status Queue::finish(const Uuid& build, const Uuid& lease, const model::JobEnd& end) {
  Status finished = queue_.finish(build, lease, end.outcome, end.usage, end.last_line, end.words);
  if (!finished) return finished;
  log::info("build stopped build={} outcome={} reason={}", build.str(), to_string(end.outcome),
            log::quoted(printable(end.reason)));
  announce(build);
  return {};
}

Result<TimeMs> Queue::cancel(const std::string& account_id, const Uuid& build, const std::string& by_whom) {
  Result<TimeMs> stopped =
      queue_.cancel(account_id, build, fmt::format("Build was cancelled by {}.", by_whom));
  if (stopped) announce(build);
  return stopped;
}

Status Queue::recover(const std::optional<std::string>& runner_id) {
  const Result<store::Recovered> recovered = queue_.recover(runner_id, settings_.max_attempts);
  if (!recovered) return tl::unexpected<Error>(recovered.error());
  for (const Uuid& build : recovered->requeued) {
    log::warn("runner lost, build starts again build={}", build.str());
    announce(build);
  }
  for (const Uuid& build : recovered->completed) {
    log::warn("runner lost after the deploy command had completed, build is a success build={}", build.str());
    announce(build);
  }
  for (const Uuid& build : recovered->terminated) {
    log::warn("runner lost, build terminated build={}", build.str());
    announce(build);
  }
  return {};
}

}  // namespace kiln::queue
