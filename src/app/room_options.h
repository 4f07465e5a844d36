// The settings as each room takes them. Pure; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/data_dir.h"
#include "app/service.h"
#include "base/process.h"
#include "queue/queue.h"
#include "serving/d1/databases.h"
#include "serving/engine.h"
#include "serving/engine_dates.h"
#include "serving/front/route_cache.h"
#include "serving/workerd_runtimes.h"
#include "settings/config.h"
#include "store/kv/files.h"
#include "store/r2/files.h"

namespace kiln::app {

[[nodiscard]] queue::Settings queue_settings(const settings::Config& config);

// The folder of Node, npm and wrangler for builds, and of workerd.
[[nodiscard]] std::filesystem::path tools_of(const ServiceOptions& options);

// Of the settings alone; and with what is found out of it, by `dates`, which outlive it.
[[nodiscard]] serving::Engine engine_at(const ServiceOptions& options);
[[nodiscard]] serving::Engine engine_of(const ServiceOptions& options, serving::EngineDates& dates);
[[nodiscard]] serving::RuntimeOptions runtime_options(const ServiceOptions& options, const DataDir& data,
                                                      const std::string& calls_secret,
                                                      serving::EngineDates& dates);

[[nodiscard]] serving::D1Options d1_options(const ServiceOptions& options, const DataDir& data,
                                            serving::EngineDates& dates);

// What finds out what this machine can do for the builds of this server's own runner, by the settings that
// were judged.
[[nodiscard]] ProcessSpec doctor_call(const ServiceOptions& options, const DataDir& data);

// How large KV namespaces may be, and how many of their files are kept open.
[[nodiscard]] store::kv::FileLimits kv_limits(const ServiceOptions& options);

// The same of R2 buckets.
[[nodiscard]] store::r2::FileLimits r2_limits(const ServiceOptions& options);

// The operator's domains, each with its account's subdomain; and the hosts that lead to Workers.
[[nodiscard]] std::vector<model::Zone> zones_of(const settings::Config& config);
[[nodiscard]] serving::Places places_of(const settings::Config& config);

}  // namespace kiln::app
