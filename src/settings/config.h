// The settings: defaults, then the TOML file, every key of which is judged here and nowhere else. `kiln
// serve` has the whole file judged before anything starts and hands its runner the same text; the runner of
// `kiln run` and `kiln doctor` has it judged itself. Value: any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/trusted_proxies.h"
#include "model/build_network.h"
#include "model/limits.h"
#include "model/oidc.h"
#include "model/principal.h"
#include "model/public_origin.h"
#include "model/retention.h"
#include "model/zone.h"
#include "scm/git/git.h"
#include "wire/build_json.h"

namespace kiln::settings {

// What the runner takes for its builds.
struct BuildConfig {
  // [runner]
  int cache_days = 7;
  int cache_mb_per_worker = 10'240;
  std::uint64_t min_free_disk = std::uint64_t{1} << 30U;  // bytes; 0: no floor
  std::uint64_t tools_size = std::uint64_t{10} << 30U;    // bytes; 0: no bound
  std::map<std::string, std::string> environment;         // given to every build command
  model::NetworkSettings network;
  model::LimitSettings limits;  // [limits]
};

// The server's own TLS; nothing where `listen` is empty. Files of PEM, read when it starts and at SIGHUP.
struct TlsSettings {
  std::string listen;  // HOST:PORT
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path workers_certificate;  // for the names of Workers; empty: the same
  std::filesystem::path workers_key;
};

struct Config {
  // [server]
  std::string public_url;  // how hosts and people reach us; empty: http://<listen address>
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::logfmt;
  int drain_seconds = 120;              // that builds may go on once the server is told to end
  bool plain_login = false;             // signing in over plain http from other machines
  TrustedProxies trusted_proxies;       // whose word on whom they speak for is believed
  std::vector<std::string> page_hosts;  // names of the page besides loopback and public_url; in lower case
  int max_connections = 1024;           // to the API, if there are descriptors enough (admission.h)
  int connections_per_address = 256;    // of those whom nobody has let in yet, at each of the two addresses
  // [tls]
  TlsSettings tls;
  // [oidc]
  model::OidcSettings oidc;
  // [builds]
  int concurrency = 1;  // default: half the cores, at least 1
  int timeout_seconds = 20 * 60;
  int max_attempts = 3;
  bool supersede_queued = true;
  model::PreviewToken preview_token = model::PreviewToken::previews;
  // [runner]
  bool run_embedded_runner = true;
  std::filesystem::path tools_dir;  // empty: "tools" beside the program
  BuildConfig build;
  // [api]
  wire::EnvironmentForm environment_variables = wire::EnvironmentForm::by_client;
  int failed_auth_per_minute = 100;  // of one address, before it has to wait; 0: no limit
  std::uint64_t body_memory = std::uint64_t{320} << 20U;  // bytes that bodies of requests may take
  std::uint64_t read_cache = std::uint64_t{2} << 30U;     // bytes of builds' texts kept on disk; 0: none
  // [audit]
  int audit_keep_days = 365;  // 0: for ever
  // [git]: of the server and of its runner
  std::vector<std::string> git_allow;  // scm::Reach::make() takes it
  scm::GitLimits git;
  int git_calls_per_host = 4;  // of requests that wait for git, at once
  // [scm]
  int catch_up_seconds = 300;  // how often hosts are asked for pushes that nobody reported; 0: never
  // [metrics]
  std::string metrics_listen;       // HOST:PORT of GET /metrics; empty: nowhere
  bool metrics_per_worker = false;  // the labels account and worker
  // [traces]
  std::string traces_endpoint;       // of OTLP/HTTP; empty: nobody is told
  std::string traces_authorization;  // shown to it; empty: nothing
  // [events]
  std::vector<std::string> events_allow;  // the same, of Reach::Who::events
  // [github]
  std::string github_webhook_secret;  // for connections that have no secret of their own; empty: none
  // [deploy]
  bool embedded_target = true;  // builds deploy to this server's own Workers API
  std::string deploy_account;   // of an outside target: 32 hex digits
  // [workers]
  std::string subdomain = "dev";                   // of the first account
  std::string workers_domain = "localhost";        // Workers answer at <worker>.<subdomain>.<domain>
  std::optional<model::PublicOrigin> workers_url;  // of the proxy in front of Workers: its host stands for
                                                   // workers_domain in what people are told
  std::vector<model::Zone> zones;                  // domains whose requests may be routed to Workers
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
  std::uint64_t kv_namespace = std::uint64_t{10} << 30U;   // bytes on disk of one KV namespace
  std::uint64_t d1_database = std::uint64_t{10} << 30U;    // and of one D1 database
  std::uint64_t r2_bucket = std::uint64_t{100} << 30U;     // bytes of what is in one R2 bucket
  std::uint64_t queue = std::uint64_t{256} << 20U;         // bytes of messages in one queue
  std::vector<std::string> worker_outbound = {"public"};   // where fetch() may lead
  model::Retention retention;                              // [retention]
  // The file as it was judged, for the runner; empty: none.
  std::string text;
};

// Errors: Errc::invalid, field "--config", naming the file, the line or the key, and what is allowed there.
// Unknown keys are errors.
[[nodiscard]] Result<Config> load_config(const std::optional<std::filesystem::path>& file);

// The workerd to start now: `workers.workerd` where it is set, else the one among the tools that renewing
// brings, as soon as it is there, else the one that was installed with them, be it there or not.
[[nodiscard]] std::filesystem::path workerd_to_start(const std::filesystem::path& setting,
                                                     const std::filesystem::path& tools);

// Every key that a file may have, as "builds.concurrency".
[[nodiscard]] std::vector<std::string> setting_names();

}  // namespace kiln::settings
