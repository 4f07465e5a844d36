// Triggers, the repositories they watch, and the tokens they deploy with. Values: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

inline constexpr const char* kDefaultDeployCommand = "npx wrangler deploy";

// A repository that an account has connected. provider_type: "github", "gitlab", "gitlab_internal", "gitea",
// "bitbucket", "bitbucket_server" or "git" (plain git: a local or SSH repository with our post-receive hook).
struct RepoConnection {
  Uuid uuid;
  std::string account_id;
  std::string provider_type;
  std::string provider_account_id;
  std::string provider_account_name;
  std::string repo_id;  // the host's immutable id; until it has told it, and of plain git: repo_place.h
  std::string repo_name;
  std::string clone_url;  // https://, http://, ssh://, scp form, or an absolute local path
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
  std::optional<TimeMs> deleted_on;
};

// Which pull requests from forks a trigger builds. Their code is a stranger's: without_secrets runs the build
// command with the plain variables alone, and neither the deploy command nor any token; approve does so once
// somebody who may has approved that very commit.
enum class ForkBuilds { never, approve, without_secrets, with_secrets };

[[nodiscard]] std::string_view to_string(ForkBuilds builds);
[[nodiscard]] std::optional<ForkBuilds> parse_fork_builds(std::string_view text);

struct Trigger {
  Uuid uuid;
  std::string account_id;
  std::string worker_tag;  // external_script_id of the API
  std::string name;
  std::string build_command;  // may be empty
  std::string deploy_command;
  std::string root_directory = "/";
  std::vector<std::string> branch_includes;
  std::vector<std::string> branch_excludes;
  std::vector<std::string> path_includes;
  std::vector<std::string> path_excludes;
  bool build_caching_enabled = false;
  ForkBuilds fork_builds = ForkBuilds::never;
  std::int64_t cache_epoch = 0;    // counts the purges of its build cache
  bool report_path_skips = false;  // a push that its paths pass over is shown at the host as skipped
  bool require_version = false;    // a deploy command that ends well but uploads no version fails the build
  bool paused =
      false;  // it builds what somebody asks for, and neither pushes, pull requests nor deploy hooks
  std::optional<Uuid> build_token_uuid;
  std::string build_token_name;
  RepoConnection connection;
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
  std::optional<TimeMs> deleted_on;
};

// A deploy credential of the account. Its secret lives sealed in the store. With the embedded deploy target
// builds use a token minted for them alone, and this record only says whether they may deploy at all.
struct BuildToken {
  Uuid uuid;
  std::string account_id;
  std::string name;
  std::string cloudflare_token_id;
  std::string owner_type = "account";
  bool is_default = false;  // used by triggers that name none
  TimeMs created_on = 0;
};

}  // namespace kiln::model
