#include "app/room_options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <system_error>

namespace kiln::app {
namespace {

constexpr int kExaminationMs = 25'000;

}  // namespace

queue::Settings queue_settings(const settings::Config& config) {
  queue::Settings settings;
  settings.concurrency = config.concurrency;
  settings.supersede_queued = config.supersede_queued;
  settings.asks_hosts = config.catch_up_seconds > 0;
  settings.build_timeout_ms = static_cast<TimeMs>(config.timeout_seconds) * 1000;
  settings.max_attempts = config.max_attempts;
  settings.embedded_target = config.embedded_target;
  settings.outside_account = config.deploy_account;
  return settings;
}

std::filesystem::path tools_of(const ServiceOptions& options) {
  return options.config.tools_dir.empty() ? options.program_folder / "tools" : options.config.tools_dir;
}

serving::Engine engine_at(const ServiceOptions& options) {
  serving::Engine engine;
  std::error_code error;
  std::filesystem::path tools = std::filesystem::absolute(tools_of(options), error);
  if (error) tools = tools_of(options);
  engine.workerd = [setting = options.config.workerd, tools] {
    return settings::workerd_to_start(setting, tools);
  };
  engine.start_ms = options.config.worker_start_ms;
  engine.memory_bytes = static_cast<std::size_t>(options.config.worker_memory_mb) << 20U;
  return engine;
}

serving::Engine engine_of(const ServiceOptions& options, serving::EngineDates& dates) {
  serving::Engine engine = engine_at(options);
  engine.run_date = [&dates](const std::string& asked) { return dates.run_date(asked); };
  return engine;
}

serving::RuntimeOptions runtime_options(const ServiceOptions& options, const DataDir& data,
                                        const std::string& calls_secret, serving::EngineDates& dates) {
  serving::RuntimeOptions out;
  out.engine = engine_of(options, dates);
  out.folder = data.runtime();
  out.services_socket = data.calls_socket();
  out.cache_socket = data.cache_socket();
  out.kv_socket = data.kv_socket();
  out.d1_socket = data.d1_socket();
  out.r2_socket = data.r2_socket();
  out.queues_socket = data.queues_socket();
  out.prepare = {calls_secret, true, options.config.worker_outbound,
                 options.config.worker_hang_seconds * 1000, out.engine.run_date};
  out.idle_ms = options.config.worker_idle_seconds * 1000;
  out.max_running = options.config.max_running_workers;
  return out;
}

serving::D1Options d1_options(const ServiceOptions& options, const DataDir& data,
                              serving::EngineDates& dates) {
  serving::D1Options out;
  out.folder = data.d1();
  out.bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(options.config.d1_database, INT64_MAX));
  out.runtime_date = [&dates] { return dates.own_date(); };
  out.hang_ms = options.config.worker_hang_seconds * 1000;
  out.runtimes.engine = engine_at(options);
  out.runtimes.folder = data.runtime() / "d1";
  out.runtimes.idle_ms = options.config.worker_idle_seconds * 1000;
  out.runtimes.max_running = options.config.max_running_workers;
  return out;
}

// SQLite files kept open of one kind.
static std::size_t open_files(const ServiceOptions& options) {
  // One that several threads read and write takes a dozen descriptors.
  constexpr std::size_t kDescriptors = 12;
  return std::clamp<std::size_t>(options.descriptors / 16 / kDescriptors, 2, 128);
}

store::kv::FileLimits kv_limits(const ServiceOptions& options) {
  return {open_files(options),
          static_cast<std::int64_t>(std::min<std::uint64_t>(options.config.kv_namespace, INT64_MAX))};
}

store::r2::FileLimits r2_limits(const ServiceOptions& options) {
  store::r2::FileLimits out;
  out.open = open_files(options);
  out.bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(options.config.r2_bucket, INT64_MAX));
  return out;
}

std::vector<model::Zone> zones_of(const settings::Config& config) {
  std::vector<model::Zone> zones = config.zones;
  for (model::Zone& zone : zones) {
    if (zone.subdomain.empty()) zone.subdomain = config.subdomain;
  }
  return zones;
}

serving::Places places_of(const settings::Config& config) {
  serving::Places places{{config.workers_domain}, zones_of(config)};
  if (config.workers_url && config.workers_url->host != config.workers_domain)
    places.domains.push_back(config.workers_url->host);
  return places;
}

// The settings come on its standard input; it reads nothing else there.
ProcessSpec doctor_call(const ServiceOptions& options, const DataDir& data) {
  ProcessSpec spec;
  spec.argv = {(options.program_folder / "kiln-runner").string(),
               "--doctor",
               "--root",
               data.runner().string(),
               "--tools",
               tools_of(options).string(),
               "--agent",
               (options.program_folder / "kiln-agent").string()};
  if (!options.config.text.empty()) {
    spec.argv.insert(spec.argv.end(), {"--config", "/dev/stdin"});
    spec.input = options.config.text;
  }
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    spec.environment.emplace_back(*entry);
  spec.timeout_ms = kExaminationMs;
  return spec;
}

}  // namespace kiln::app
