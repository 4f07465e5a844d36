// Options of rooms that tell what they do to whoever counts it. Pure; any thread.
#pragma once

#include "app/metrics_parts.h"
#include "http/server.h"
#include "metrics/counts.h"
#include "serving/queues/runner.h"
#include "serving/workerd_runtimes.h"
#include "workers/tails.h"

namespace kiln::app {

// The same options, telling what they count.
[[nodiscard]] serving::RuntimeOptions counted(serving::RuntimeOptions options, metrics::Counts& counts);
[[nodiscard]] http::ServerOptions counted(http::ServerOptions options, MetricsParts& metrics);
[[nodiscard]] serving::QueueRunnerOptions queue_runner_options(workers::Tails& tails,
                                                               metrics::Counts& counts);

}  // namespace kiln::app
