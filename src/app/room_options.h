// The settings as each room takes them. Pure; any thread.
#pragma once

#include <filesystem>
#include <string>

#include "app/data_dir.h"
#include "app/service.h"
#include "queue/queue.h"
#include "serving/engine.h"
#include "serving/workerd_runtimes.h"
#include "settings/config.h"

namespace kiln::app {

[[nodiscard]] queue::Settings queue_settings(const settings::Config& config);

// The folder of Node, npm and wrangler for builds, and of workerd.
[[nodiscard]] std::filesystem::path tools_of(const ServiceOptions& options);

[[nodiscard]] serving::Engine engine_of(const ServiceOptions& options);
[[nodiscard]] serving::RuntimeOptions runtime_options(const ServiceOptions& options, const DataDir& data,
                                                      const std::string& calls_secret);

}  // namespace kiln::app
