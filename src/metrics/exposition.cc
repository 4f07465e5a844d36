#include "metrics/exposition.h"

#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

#include "metrics/open_metrics.h"

namespace kiln::metrics {
namespace {

prometheus::MetricFamily family_of(Reading reading) {
  prometheus::MetricFamily family;
  family.name = std::move(reading.name);
  family.help = std::move(reading.help);
  family.type = reading.counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  for (Sample& sample : reading.samples) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    for (auto& [name, value] : sample.labels) metric.label.push_back({name, std::move(value)});
    (reading.counter ? metric.counter.value : metric.gauge.value) = sample.value;
  }
  return family;
}

}  // namespace

Form form_for(std::string_view accept) {
  return accept.find("application/openmetrics-text") == std::string_view::npos ? Form::prometheus_text
                                                                               : Form::open_metrics;
}

const char* content_type(Form form) {
  return form == Form::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                    : "text/plain; version=0.0.4; charset=utf-8";
}

std::string Exposition::write(Form form) const {
  std::vector<prometheus::MetricFamily> families = counts_.collect();
  std::vector<Reading> readings;
  for (const Collector& collect : collectors_) collect(readings);
  for (Reading& reading : readings) families.push_back(family_of(std::move(reading)));
  if (form == Form::open_metrics) return open_metrics(families);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace kiln::metrics
