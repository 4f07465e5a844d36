// A JobSpec is everything a runner needs for one attempt of one build, frozen when it was claimed. It carries
// secrets: it is never logged and never written to disk. Value: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/build.h"

namespace kiln::model {

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
  bool restricted = false;       // of a fork's pull request: no secrets, no token, no deploy command
  bool require_version = false;  // fail when the deploy command uploaded no version
  TimeMs timeout_ms = TimeMs{20} * 60'000;
};

// The steps of a build, in order; what a runner reports as it enters each.
enum class Step { checkout, tools, install, build, deploy };
[[nodiscard]] std::string_view to_string(Step step);
[[nodiscard]] std::optional<Step> parse_step(std::string_view text);

// How an attempt ended, from the runner.
struct JobEnd {
  BuildOutcome outcome = BuildOutcome::fail;  // success, fail or terminated
  std::string reason;                         // for the service log and for people; the log already says it
  BuildUsage usage{};
};

}  // namespace kiln::model
