// A JobSpec is everything a runner needs for one attempt of one build, frozen when it was claimed. It carries
// secrets: it is never logged and never written to disk. Value: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/build.h"
#include "model/build_story.h"
#include "model/ssh_access.h"

namespace kiln::model {

// How far a build is trusted: whose build caches it may read and write (docs/adr/0006-build-caches.md; it
// saves at its own level), and what its token may change (BuildScope).
enum class CacheTrust {
  production,  // a branch that its trigger names exactly: reads production
  branch,      // any other branch of the repository: reads branch, else production
  fork,        // a pull request from a fork: reads fork
};
[[nodiscard]] std::string_view to_string(CacheTrust trust);
[[nodiscard]] std::optional<CacheTrust> parse_cache_trust(std::string_view text);
// Of a push to a branch of the repository itself, by its trigger's branch_includes.
[[nodiscard]] CacheTrust cache_trust_of(const std::vector<std::string>& branch_includes,
                                        std::string_view branch);

struct JobSpec {
  Uuid build_uuid;
  Uuid lease_id;
  TimeMs lease_ms = 30'000;  // renew well before this much time has passed
  int attempt = 1;
  std::string account_id;
  std::string worker_tag;
  std::string worker_name;
  std::string clone_url;
  std::string clone_authorization;  // value of an Authorization header for HTTP(S) remotes, or empty
  SshAccess ssh = {};               // of SSH remotes: the runner's git alone sees it
  std::vector<std::string> local_repositories = {};  // folders whose repositories may be submodules of a
                                                     // repository of the runner's machine
  std::string branch;
  std::string commit_hash;
  std::string build_command;
  std::string deploy_command;
  std::string root_directory = "/";
  std::vector<EnvVar> environment;   // secrets with their values
  std::string api_base_url;          // of the embedded Workers API; empty: deploy to the hosted platform
  std::string api_token;             // minted for this attempt, or the user's build token
  bool build_token_missing = false;  // the trigger's build token was deleted: the build must fail saying so
  bool build_caching_enabled = false;
  Uuid trigger_uuid;
  CacheTrust cache_trust = CacheTrust::fork;
  std::int64_t cache_epoch = 0;  // caches of another epoch of the trigger were purged
  bool restricted = false;       // of a fork's pull request: no secrets, no token, no deploy command
  bool require_version = false;  // fail when the deploy command uploaded no version
  TimeMs timeout_ms = TimeMs{20} * 60'000;
};

// The steps of a build, in order; what a runner reports as it enters each. In `deployed` the deploy command
// has done what it should, and nothing that is left to do changes how the build ends: it is a success.
enum class Step { checkout, tools, install, build, deploy, deployed };
[[nodiscard]] std::string_view to_string(Step step);
[[nodiscard]] std::optional<Step> parse_step(std::string_view text);

// How an attempt ended, from the runner.
struct JobEnd {
  BuildOutcome outcome = BuildOutcome::fail;  // success, fail or terminated
  std::string reason;                         // for the service log and for people; the log already says it
  BuildUsage usage{};
  // The log's last line, which says that it ended: kept together with the end, so that no log says so of a
  // build whose end was never told.
  std::optional<LogLine> last_line{};
  EndWords words{};  // masked like the log
};

}  // namespace kiln::model
