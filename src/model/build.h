// A build: one run of one trigger for one commit. Values and pure functions, any thread; the stored truth is
// the store's, and only queue/ changes it, by the moves that may_move() allows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace kiln::model {

enum class BuildStatus { queued, initializing, running, stopped };
enum class BuildOutcome { success, fail, skipped, cancelled, terminated };
enum class TriggerSource { push, pull_request, manual, api };

[[nodiscard]] std::string_view to_string(BuildStatus status);
[[nodiscard]] std::string_view to_string(BuildOutcome outcome);
[[nodiscard]] std::string_view to_string(TriggerSource source);
[[nodiscard]] std::optional<BuildStatus> parse_build_status(std::string_view text);
[[nodiscard]] std::optional<BuildOutcome> parse_build_outcome(std::string_view text);
[[nodiscard]] std::optional<TriggerSource> parse_trigger_source(std::string_view text);

// The one table of legal moves: queued → initializing → running → stopped, and any live state → stopped.
[[nodiscard]] bool may_move(BuildStatus from, BuildStatus to);
// "Is it over" is defined here and nowhere else.
[[nodiscard]] inline bool is_over(BuildStatus status) {
  return status == BuildStatus::stopped;
}

// A variable of a trigger. Of a secret, `value` is empty everywhere but in a JobSpec and on the way into the
// store.
struct EnvVar {
  std::string name;
  std::string value;
  bool is_secret = false;
  TimeMs created_on = 0;
};

// What the build was started with, frozen at that moment.
struct BuildMetadata {
  TriggerSource source = TriggerSource::push;
  std::string branch;
  std::string commit_hash;  // 40 or 64 hex
  std::string commit_message;
  std::string author;
  std::string build_command;
  std::string deploy_command;
  std::string root_directory = "/";
  std::optional<Uuid> build_token_uuid;
  std::string build_token_name;
  std::vector<EnvVar> environment;  // secrets without their values
  std::string repo_name;
  std::string provider_account_name;
  std::string provider_type;
};

struct PullRequest {
  TimeMs created_on = 0;
  std::string url;
};

// What a build used, as far as its runner's machine could tell.
struct BuildUsage {
  std::optional<std::int64_t> memory_peak;  // bytes, of all its processes at one moment
  std::optional<std::int64_t> cpu_ms;
  std::optional<std::int64_t> written;  // bytes
  std::optional<std::int64_t> processes_peak;

  bool operator==(const BuildUsage&) const = default;
};

struct Build {
  Uuid uuid;
  std::string account_id;
  std::string worker_tag;
  Uuid trigger_uuid;
  BuildStatus status = BuildStatus::queued;
  std::optional<BuildOutcome> outcome;  // set exactly when stopped
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
  std::optional<TimeMs> initializing_on;
  std::optional<TimeMs> running_on;
  std::optional<TimeMs> stopped_on;
  BuildMetadata metadata;
  std::optional<PullRequest> pull_request;
  // Of a stranger's code: never given secret variables, a token or its deploy command.
  bool restricted = false;
  // Skipped by its trigger's watch paths, of which its repository's host is told nothing.
  bool unreported = false;
  // Of a stranger's commit that a maintainer has yet to approve: no runner gets it before.
  bool waits_for_approval = false;
  std::vector<Uuid> version_ids;  // versions it uploaded, in order of upload
  std::optional<Uuid> previewed;  // of them, the last that has an address of its own
  std::string preview_alias;      // the last that one of those was uploaded under; empty: none
  BuildUsage usage;               // all of it is known at the end, if ever
};

// One line of a build's log: when it arrived and its text (UTF-8, no line break, ANSI colours kept).
struct LogLine {
  TimeMs time = 0;
  std::string text;
  bool service = false;  // written by Kiln itself, not by a command of the build

  bool operator==(const LogLine&) const = default;
};

}  // namespace kiln::model
