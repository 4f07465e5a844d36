// The processor time of a scrape with 1,000 Workers as labels in both forms, against 20 ms.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "metrics/exposition.h"
#include "metrics/process_readings.h"
#include "metrics/store_readings.h"

namespace kiln::bench {
namespace {

constexpr int kWorkers = 1'000;
constexpr int kRounds = 31;
constexpr double kLimitMs = 20;

void fill(metrics::Counts& counts) {
  for (int number = 0; number < kWorkers; ++number) {
    const std::string name = fmt::format("worker-{}", number);
    const metrics::Whose whose{"0123456789abcdef0123456789abcdef", name};
    for (const int status : {200, 301, 404, 500, 503}) counts.worker_request(whose, status, status != 503);
    counts.worker_started(whose, 0.2);
    counts.worker_restarted(whose);
    for (const auto outcome : {model::BuildOutcome::success, model::BuildOutcome::fail})
      counts.build_ended(whose, outcome);
  }
}

}  // namespace

int measure() {
  metrics::Counts counts({.per_worker = true});
  fill(counts);
  metrics::Exposition exposition(counts);
  exposition.add(metrics::read_process);
  exposition.add([](std::vector<metrics::Reading>& out) { metrics::read_store({}, 1, out); });
  for (const auto form : {metrics::Form::prometheus_text, metrics::Form::open_metrics}) {
    std::vector<double> times;
    std::size_t size = 0;
    for (int round = 0; round < kRounds; ++round) {
      const std::clock_t begun = std::clock();
      size = exposition.write(form).size();
      times.push_back(1e3 * static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
    }
    std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
    const double middle = times[kRounds / 2];
    std::printf("%-16s %4zu kB  %.1f ms, %.2fx of %.0f ms (goal: at most 1x)\n",
                form == metrics::Form::open_metrics ? "OpenMetrics" : "Prometheus text", size / 1000, middle,
                middle / kLimitMs, kLimitMs);
  }
  return 0;
}

}  // namespace kiln::bench

int main() {
  return kiln::bench::measure();
}
