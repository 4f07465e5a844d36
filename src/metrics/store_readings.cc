#include "metrics/store_readings.h"

#include <algorithm>

namespace kiln::metrics {
namespace {

// 0 where nothing waits.
double seconds_since(std::optional<TimeMs> then, TimeMs now) {
  return then ? static_cast<double>(std::max<TimeMs>(now - *then, 0)) / 1000.0 : 0.0;
}

}  // namespace

void read_store(const store::Gauges& gauges, TimeMs now, std::vector<Reading>& out) {
  const auto add = [&out](const char* name, const char* help, double value) {
    out.push_back({name, help, {{value, {}}}});
  };
  add("kiln_queue_builds", "Builds that wait for a runner.", static_cast<double>(gauges.waiting));
  add("kiln_queue_oldest_wait_seconds", "How long the oldest of them has waited.",
      seconds_since(gauges.oldest_waiting, now));
  add("kiln_approval_builds", "Builds that wait for a maintainer's approval.",
      static_cast<double>(gauges.unapproved));
  add("kiln_running_builds", "Builds that a runner has.", static_cast<double>(gauges.running));
  add("kiln_outbox_rows", "Moves that have not been handed on yet.", static_cast<double>(gauges.outbox));
  add("kiln_outbox_oldest_age_seconds", "How long the oldest of them has waited.",
      seconds_since(gauges.oldest_outbox, now));
  add("kiln_reports_due_age_seconds", "How long the report that is most overdue at a source host has waited.",
      seconds_since(gauges.oldest_report, now));
  add("kiln_sink_deliveries_due_age_seconds",
      "How long the delivery that is most overdue at a sink has waited.",
      seconds_since(gauges.oldest_sink_delivery, now));
  add("kiln_traces_waiting_builds", "Builds whose trace the collector has not taken yet.",
      static_cast<double>(gauges.traces));
}

}  // namespace kiln::metrics
