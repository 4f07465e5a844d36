#include "metrics/open_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace kiln::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";

std::string_view without_total(std::string_view name) {
  return name.ends_with(kTotal) ? name.substr(0, name.size() - kTotal.size()) : name;
}

// As help texts and values of labels are written.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

// A bound is a canonical float: 1 is written 1.0.
std::string bound_words(double bound) {
  std::string words;
  append_number(words, bound);
  const bool whole = std::all_of(words.begin(), words.end(), [](char c) { return c >= '0' && c <= '9'; });
  return whole ? words + ".0" : words;
}

class Writer {
 public:
  void family(const MetricFamily& family) {
    const bool counter = family.type == MetricType::Counter;
    const std::string_view name = counter ? without_total(family.name) : std::string_view(family.name);
    const char* type = counter ? "counter" : family.type == MetricType::Histogram ? "histogram" : "gauge";
    fmt::format_to(std::back_inserter(out_), "# TYPE {} {}\n", name, type);
    if (const std::string_view unit = unit_of(name); !unit.empty())
      fmt::format_to(std::back_inserter(out_), "# UNIT {} {}\n", name, unit);
    fmt::format_to(std::back_inserter(out_), "# HELP {} ", name);
    append_escaped(out_, family.help);
    out_ += '\n';
    for (const ClientMetric& metric : family.metric) {
      if (family.type == MetricType::Histogram) {
        histogram(name, metric);
      } else if (counter) {
        sample(name, kTotal, metric, metric.counter.value);
      } else {
        sample(name, {}, metric, metric.gauge.value);
      }
    }
  }

  std::string end() {
    out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  void sample(std::string_view name, std::string_view suffix, const ClientMetric& metric, double value,
              std::string_view bound = {}) {
    out_.append(name).append(suffix);
    char before = '{';
    const auto label = [&](std::string_view label_name, std::string_view text) {
      out_ += std::exchange(before, ',');
      out_.append(label_name).append("=\"");
      append_escaped(out_, text);
      out_ += '"';
    };
    for (const ClientMetric::Label& each : metric.label) label(each.name, each.value);
    if (!bound.empty()) label("le", bound);
    if (before == ',') out_ += '}';
    out_ += ' ';
    append_number(out_, value);
    out_ += '\n';
  }

  void histogram(std::string_view name, const ClientMetric& metric) {
    for (const ClientMetric::Bucket& bucket : metric.histogram.bucket)
      sample(name, "_bucket", metric, static_cast<double>(bucket.cumulative_count),
             bound_words(bucket.upper_bound));
    sample(name, "_count", metric, static_cast<double>(metric.histogram.sample_count));
    sample(name, "_sum", metric, metric.histogram.sample_sum);
  }

  std::string out_;
};

}  // namespace

std::string_view unit_of(std::string_view name) {
  constexpr std::array<std::string_view, 3> units = {"seconds", "bytes", "ratio"};
  const std::string_view base = without_total(name);
  for (const std::string_view unit : units) {
    if (base.size() > unit.size() && base.ends_with(unit) && base[base.size() - unit.size() - 1] == '_')
      return unit;
  }
  return {};
}

std::string open_metrics(const std::vector<MetricFamily>& families) {
  Writer writer;
  for (const MetricFamily& family : families) writer.family(family);
  return writer.end();
}

}  // namespace kiln::metrics
