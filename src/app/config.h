// The server's settings: defaults, then the TOML file, checked whole before anything starts. Value: any
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "api/auth.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "base/result.h"
#include "wire/build_json.h"

namespace kiln::app {

struct Config {
  // [server]
  std::string public_url;  // how hosts and people reach us; empty: http://<listen address>
  log::Level log_level = log::Level::info;
  IpRanges trusted_proxies;           // whose word on whom they speak for is believed
  int max_connections = 1024;         // to the API, if there are descriptors enough (admission.h)
  int connections_per_address = 256;  // of those whom nobody has let in yet, at each of the two addresses
  // [builds]
  int concurrency = 1;  // default: half the cores, at least 1
  int timeout_seconds = 20 * 60;
  int max_attempts = 3;
  bool supersede_queued = true;
  api::PreviewToken preview_token = api::PreviewToken::previews;
  // [runner]
  bool run_embedded_runner = true;
  std::filesystem::path tools_dir;  // empty: "tools" beside the program
  int cache_days = 7;               // read by the runner itself, like the next
  int cache_mb_per_worker = 10'240;
  std::map<std::string, std::string> build_environment;  // [runner.environment]: given to every build command
  std::string build_network = "egress";  // or "none", "host"; with the lists of the runner's own
  bool block_private = false;
  // [api]
  wire::EnvironmentForm environment_variables = wire::EnvironmentForm::strings;
  int failed_auth_per_minute = 100;  // of one address, before it has to wait; 0: no limit
  std::uint64_t body_memory = std::uint64_t{320} << 20U;  // bytes that bodies of requests may take
  std::uint64_t read_cache = std::uint64_t{2} << 30U;     // bytes of builds' texts kept on disk; 0: none
  // [git]: where git may go, and what one call may take; read by the runner itself, too
  std::vector<std::string> git_allow;
  int git_timeout_seconds = 600;
  std::uint64_t git_max_size = std::uint64_t{8} << 30U;
  int git_calls_per_host = 4;  // of requests that wait for git, at once
  // [github]
  std::string github_webhook_secret;  // for connections that have no secret of their own; empty: none
  // [deploy]
  bool embedded_target = true;  // builds deploy to this server's own Workers API
  std::string deploy_account;   // of an outside target: 32 hex digits
  // [workers]
  std::string subdomain = "dev";             // of the first account
  std::string workers_domain = "localhost";  // Workers answer at <worker>.<subdomain>.<domain>
  bool version_header = true;
  int connect_timeout_seconds = 30;
  int response_timeout_seconds = 100;
  int max_aliases = 1000;         // preview aliases of one Worker; the least recently uploaded gives way
  bool serve_workers = true;      // start uploads before they are stored, and run them
  std::filesystem::path workerd;  // empty: the one among the tools
  int worker_start_ms = 10'000;   // until a process must take requests
  int worker_memory_mb = 512;     // private memory of one process
  int worker_idle_seconds = 300;  // unused for so long, a process is stopped
  int max_running_workers = 64;   // processes at once
  int worker_connections = 4096;  // of visitors, if there are descriptors enough
  int worker_hang_seconds =
      30;  // a process may take nothing in for so long, unless its version says otherwise
  std::uint64_t worker_cache = std::uint64_t{256} << 20U;  // bytes that the Cache API keeps, of all Workers
  std::vector<std::string> worker_outbound = {"public"};   // where fetch() may lead
  // The file it came from, passed on to the runner; empty: none.
  std::filesystem::path file;
};

// Errors: Errc::invalid naming the file, the line or the key, and what is allowed there. Unknown keys are
// errors.
[[nodiscard]] Result<Config> load_config(const std::optional<std::filesystem::path>& file);

}  // namespace kiln::app
