// What a scrape is answered with: the counters, and what collectors read at that moment, as Prometheus text
// or as OpenMetrics. Owned by app, filled before it serves; text() and open_metrics() from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/counts.h"
#include "metrics/reading.h"

namespace kiln::metrics {

// Adds what it reads; what cannot be read now is left out. Quick: a scrape waits for it.
using Collector = std::function<void(std::vector<Reading>&)>;

enum class Form { prometheus_text, open_metrics };

// By the Accept header of a request; Prometheus text where it asks for neither.
[[nodiscard]] Form form_for(std::string_view accept);
[[nodiscard]] const char* content_type(Form form);

class Exposition {
 public:
  // The counts outlive it.
  explicit Exposition(const Counts& counts) : counts_(counts) {}

  void add(Collector collector) { collectors_.push_back(std::move(collector)); }
  [[nodiscard]] std::string write(Form form) const;

 private:
  const Counts& counts_;
  std::vector<Collector> collectors_;
};

}  // namespace kiln::metrics
