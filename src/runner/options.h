// The runner's command line, and what it takes of the settings. Value; any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "model/build_network.h"
#include "model/limits.h"
#include "runner/cache/archive_store.h"
#include "runner/server/server_client.h"
#include "scm/git/git.h"

namespace kiln::runner {

// What this process is for.
enum class Work {
  serve,   // takes builds from a server
  local,   // runs the one build that stands on its standard input (local/local_build.h)
  doctor,  // says what this machine can do (doctor/doctor.h)
};

struct Options {
  Work work = Work::serve;
  ServerAddress server;
  std::filesystem::path root;       // mirrors and builds
  std::filesystem::path tools;      // the tool cache
  std::filesystem::path cache_dir;  // build caches, of this runner alone: --cache, or "cache" below root
  std::filesystem::path agent;      // the kiln-agent program
  std::filesystem::path workerd;    // [workers] workerd; empty: the one among the tools
  int concurrency = 1;
  log::Level log_level = log::Level::info;  // [server] log_level; --log-level, a number of it, over that
  log::Format log_format = log::Format::logfmt;
  std::string runner_id;
  CacheLimits cache;                               // [runner] cache_days, cache_mb_per_worker
  std::map<std::string, std::string> environment;  // [runner.environment] of the settings file
  std::uint64_t min_free_disk = 1ULL << 30U;       // [runner] min_free_disk, bytes
  std::uint64_t tools_size = 10ULL << 30U;         // [runner] tools_size, bytes; 0: no bound
  std::vector<std::string> git_allow;              // [git] allow
  scm::GitLimits git;                              // [git] timeout_seconds, max_size
  model::NetworkSettings network;                  // runner.network and its like
  model::LimitSettings limits;                     // [limits] of it
};

inline constexpr const char* kUsage =
    "usage: kiln-runner --server unix:/PATH|http://…|https://… --root DIR --tools DIR --agent PATH "
    "--runner-id ID\n"
    "                   [--concurrency N] [--config FILE.toml] [--log-level 0-3]\n"
    "       kiln-runner --local --root DIR --agent PATH [--tools DIR] [--config FILE.toml]\n"
    "                   [--cache DIR] < JOB.json\n"
    "       kiln-runner --doctor --root DIR --agent PATH [--tools DIR] [--config FILE.toml]\n";

// Without a server the tools are by default those of runner.tools_dir in the settings, else the folder
// "tools" beside the agent. Errors: Errc::invalid naming the option, or the settings file and what is wrong
// in it.
[[nodiscard]] Result<Options> parse_options(const std::vector<std::string>& arguments);

}  // namespace kiln::runner
