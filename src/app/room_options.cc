#include "app/room_options.h"

#include <system_error>

namespace kiln::app {

queue::Settings queue_settings(const settings::Config& config) {
  queue::Settings settings;
  settings.concurrency = config.concurrency;
  settings.supersede_queued = config.supersede_queued;
  settings.build_timeout_ms = static_cast<TimeMs>(config.timeout_seconds) * 1000;
  settings.max_attempts = config.max_attempts;
  settings.embedded_target = config.embedded_target;
  settings.outside_account = config.deploy_account;
  return settings;
}

std::filesystem::path tools_of(const ServiceOptions& options) {
  return options.config.tools_dir.empty() ? options.program_folder / "tools" : options.config.tools_dir;
}

serving::Engine engine_of(const ServiceOptions& options) {
  serving::Engine engine;
  engine.workerd = options.config.workerd;
  if (engine.workerd.empty()) {
    std::error_code error;
    const std::filesystem::path tools = std::filesystem::absolute(tools_of(options), error);
    engine.workerd = (error ? tools_of(options) : tools) /
                     "node/default/lib/node_modules/@cloudflare/workerd-linux-64/bin/workerd";
  }
  engine.start_ms = options.config.worker_start_ms;
  engine.memory_bytes = static_cast<std::size_t>(options.config.worker_memory_mb) << 20U;
  return engine;
}

serving::RuntimeOptions runtime_options(const ServiceOptions& options, const DataDir& data,
                                        const std::string& calls_secret) {
  serving::RuntimeOptions out;
  out.engine = engine_of(options);
  out.folder = data.runtime();
  out.services_socket = data.calls_socket();
  out.cache_socket = data.cache_socket();
  out.prepare = {calls_secret, true, options.config.worker_outbound,
                 options.config.worker_hang_seconds * 1000};
  out.idle_ms = options.config.worker_idle_seconds * 1000;
  out.max_running = options.config.max_running_workers;
  return out;
}

}  // namespace kiln::app
