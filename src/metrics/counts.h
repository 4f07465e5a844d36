// What has happened since the start, as the counters and histograms that a scrape shows. A label has few
// values: those of Workers and accounts are there only when the settings say so, and then for a bounded
// number of Workers. Owned by app, which hands each room the calls that it makes; any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/build.h"
#include "model/build_story.h"

namespace kiln::metrics {

// Whose it is, for the labels `account` (its id) and `worker` (its name).
struct Whose {
  std::string_view account;
  std::string_view worker;
};

// Of sandboxes, since a runner's start.
struct SandboxCounts {
  std::int64_t prepared = 0;
  std::int64_t used = 0;     // prepared ones that a build got
  std::int64_t dropped = 0;  // thrown away unused

  bool operator==(const SandboxCounts&) const = default;
};

// What became of the messages of a batch.
struct BatchCounts {
  int acknowledged = 0;
  int again = 0;
  int buried = 0;
  int dropped = 0;
};

class Counts {
 public:
  struct Options {
    bool per_worker = false;           // the labels `account` and `worker`
    std::size_t most_workers = 5'000;  // beyond, the others are counted together as "(others)"
  };
  explicit Counts(Options options);
  ~Counts();
  Counts(const Counts&) = delete;
  Counts& operator=(const Counts&) = delete;

  // --- builds
  void build_ended(const Whose& whose, model::BuildOutcome outcome);
  // From when it was made until its first step.
  void build_waited(double seconds);
  void step_ended(model::StepName step, model::StepState state, double seconds);
  void cache_used(const model::CacheUse& use);
  void runner_lost();
  void delivery(std::string_view provider, std::string_view result);
  // As the runner of that id tells it: sums, which begin anew when it does.
  void sandboxes(const std::string& runner_id, const SandboxCounts& since_start);

  // --- the store
  void written(double seconds);
  void was_busy();

  // --- Workers
  void worker_started(const Whose& whose, double seconds);
  void worker_restarted(const Whose& whose);
  // It was called with messages of a queue.
  void worker_batch(const Whose& whose, bool fine, const BatchCounts& messages);

  // Of the API's requests, on its server's I/O thread alone. `identity` is the same for the same method and
  // route as long as the server lives; `seconds`: of those that did not wait for news.
  void request(const void* identity, std::string_view method, std::string_view route, int status,
               std::optional<double> seconds);
  // Of requests to Workers, on the front's thread alone. `by_worker`: a Worker answered, not the front.
  void worker_request(const Whose& whose, int status, bool by_worker);

  [[nodiscard]] std::vector<prometheus::MetricFamily> collect() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::metrics
