// Families as OpenMetrics 1.0 text, which prometheus-cpp does not write. Pure function: any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

namespace kiln::metrics {

// The unit that a metric's name ends in ("seconds", "bytes", "ratio"), its _total left aside; empty: none
// that the format has a word for.
[[nodiscard]] std::string_view unit_of(std::string_view name);

// Counters, gauges and histograms.
[[nodiscard]] std::string open_metrics(const std::vector<prometheus::MetricFamily>& families);

}  // namespace kiln::metrics
