#include "metrics/counts.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

namespace kiln::metrics {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;
using PromLabels = std::map<std::string, std::string>;

const Buckets kRequestBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Buckets kBuildBuckets{0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 3600};
const Buckets kWriteBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
const Buckets kStartBuckets{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};

constexpr const char* kOthers = "(others)";
constexpr std::size_t kStatusClasses = 6;

// "2xx"; what is no status is counted with 0.
std::string status_class(int status) {
  return fmt::format("{}xx", status / 100);
}

std::size_t class_index(int status) {
  const int hundred = status / 100;
  return hundred >= 0 && hundred < static_cast<int>(kStatusClasses) ? static_cast<std::size_t>(hundred) : 0;
}

struct RouteCounts {
  std::string method;
  std::string route;
  Histogram* seconds = nullptr;
  std::vector<std::pair<int, Counter*>> by_code;
};

struct WorkerCounts {
  std::array<Counter*, kStatusClasses> by_class{};
  Counter* errors = nullptr;
};

}  // namespace

struct Counts::Impl {
  explicit Impl(Options given) : options(given) {
    // What has not happened yet shows as 0, so that a rule that asks for its rate has something to read.
    if (!options.per_worker) {
      for (const auto outcome :
           {model::BuildOutcome::success, model::BuildOutcome::fail, model::BuildOutcome::skipped,
            model::BuildOutcome::cancelled, model::BuildOutcome::terminated})
        builds.Add({{"outcome", std::string(model::to_string(outcome))}});
    }
  }

  Family<Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  // With the labels of whose it is, where they are wanted.
  PromLabels labels(const Whose& whose, PromLabels others = {}) {
    if (!options.per_worker) return others;
    const std::lock_guard lock(mutex);
    std::pair<std::string, std::string> key(whose.account, whose.worker);
    const bool known = workers.contains(key);
    if (!known && workers.size() >= options.most_workers) {
      key = {kOthers, kOthers};
    } else if (!known) {
      workers.insert(key);
    }
    others["account"] = key.first;
    others["worker"] = key.second;
    return others;
  }

  const Options options;
  prometheus::Registry registry;
  mutable std::mutex mutex;  // guards what stands up to the families
  std::set<std::pair<std::string, std::string>> workers;
  std::map<std::string, SandboxCounts> told;  // by each runner, the last time

  Family<Counter>& builds = counters("kiln_builds_total", "Builds that ended, by outcome.");
  Family<Counter>& losses =
      counters("kiln_leases_lost_total", "Builds taken back because their runner fell silent or ended.");
  Family<Counter>& deliveries =
      counters("kiln_hook_deliveries_total", "Deliveries of source hosts and hooks, by provider and result.");
  Family<Counter>& sandbox_counts = counters(
      "kiln_sandboxes_total", "Sandboxes prepared ahead of builds, used by one, and dropped unused.");
  Family<Counter>& caches =
      counters("kiln_cache_lookups_total", "Build caches that builds asked for, by kind and result.");
  Family<Counter>& cache_bytes =
      counters("kiln_cache_restored_bytes_total", "Bytes of build caches that builds got back.");
  Family<Counter>& busy = counters("kiln_sqlite_busy_total", "Writes that found the database locked.");
  Family<Counter>& requests =
      counters("kiln_http_requests_total", "Requests to the API, by method, route template and status.");
  Family<Counter>& worker_requests =
      counters("kiln_worker_requests_total", "Requests to Workers, by class of status.");
  Family<Counter>& worker_errors =
      counters("kiln_worker_errors_total", "Requests that no Worker answered: it did not start, or ended.");
  Family<Counter>& worker_starts =
      counters("kiln_worker_cold_starts_total", "Processes of Workers that came to take requests.");
  Family<Counter>& worker_restarts = counters(
      "kiln_worker_restarts_total", "Processes of Workers that ended while they served, to start again.");
  Family<Counter>& batches =
      counters("kiln_worker_queue_batches_total", "Calls of Workers with messages of a queue, by their end.");
  Family<Counter>& batch_messages =
      counters("kiln_worker_queue_messages_total", "Messages of these calls, by what became of them.");
  Family<Histogram>& waits =
      histograms("kiln_build_queue_seconds", "Time from a build's making to its first step.");
  Family<Histogram>& steps = histograms("kiln_build_step_seconds", "Time of builds' steps, by step and end.");
  Family<Histogram>& writes =
      histograms("kiln_sqlite_write_seconds", "Time of write transactions, with their wait for the disk.");
  Family<Histogram>& seconds = histograms("kiln_http_request_duration_seconds",
                                          "Time of the API's requests that did not wait for news.");
  Family<Histogram>& starts =
      histograms("kiln_worker_cold_start_seconds", "Time until a Worker's process takes requests.");

  Counter& busy_count = busy.Add({});
  Counter& loss_count = losses.Add({});
  Histogram& wait_times = waits.Add({}, kBuildBuckets);
  Histogram& write_times = writes.Add({}, kWriteBuckets);
  Histogram& start_times = starts.Add({}, kStartBuckets);
  Counter& prepared = sandbox_counts.Add({{"fate", "prepared"}});
  Counter& used = sandbox_counts.Add({{"fate", "used"}});
  Counter& dropped = sandbox_counts.Add({{"fate", "dropped"}});

  std::unordered_map<const void*, RouteCounts> routes;    // the API's I/O thread
  std::unordered_map<std::string, WorkerCounts> visited;  // the front's thread; by account and Worker
  std::string visited_key;                                // of the request at hand, its room kept
};

Counts::Counts(Options options) : impl_(std::make_unique<Impl>(options)) {}
Counts::~Counts() = default;

void Counts::build_ended(const Whose& whose, model::BuildOutcome outcome) {
  impl_->builds.Add(impl_->labels(whose, {{"outcome", std::string(model::to_string(outcome))}})).Increment();
}

void Counts::build_waited(double seconds) {
  impl_->wait_times.Observe(seconds);
}

void Counts::step_ended(model::StepName step, model::StepState state, double seconds) {
  impl_->steps
      .Add({{"step", std::string(model::to_string(step))}, {"end", std::string(model::to_string(state))}},
           kBuildBuckets)
      .Observe(seconds);
}

void Counts::cache_used(const model::CacheUse& use) {
  const std::string kind(model::to_string(use.kind));
  impl_->caches.Add({{"kind", kind}, {"result", use.restored ? "hit" : "miss"}}).Increment();
  if (use.restored && use.bytes)
    impl_->cache_bytes.Add({{"kind", kind}}).Increment(static_cast<double>(*use.bytes));
}

void Counts::runner_lost() {
  impl_->loss_count.Increment();
}

void Counts::delivery(std::string_view provider, std::string_view result) {
  impl_->deliveries.Add({{"provider", std::string(provider)}, {"result", std::string(result)}}).Increment();
}

void Counts::sandboxes(const std::string& runner_id, const SandboxCounts& since_start) {
  const std::lock_guard lock(impl_->mutex);
  SandboxCounts& before = impl_->told[runner_id];
  if (since_start == before) return;
  const bool anew = since_start.prepared < before.prepared || since_start.used < before.used ||
                    since_start.dropped < before.dropped;
  if (anew) before = {};
  impl_->prepared.Increment(static_cast<double>(since_start.prepared - before.prepared));
  impl_->used.Increment(static_cast<double>(since_start.used - before.used));
  impl_->dropped.Increment(static_cast<double>(since_start.dropped - before.dropped));
  before = since_start;
}

void Counts::written(double seconds) {
  impl_->write_times.Observe(seconds);
}

void Counts::was_busy() {
  impl_->busy_count.Increment();
}

void Counts::worker_started(const Whose& whose, double seconds) {
  impl_->worker_starts.Add(impl_->labels(whose)).Increment();
  impl_->start_times.Observe(seconds);
}

void Counts::worker_restarted(const Whose& whose) {
  impl_->worker_restarts.Add(impl_->labels(whose)).Increment();
}

void Counts::worker_batch(const Whose& whose, bool fine, const BatchCounts& messages) {
  impl_->batches.Add(impl_->labels(whose, {{"result", fine ? "ok" : "failed"}})).Increment();
  const std::array<std::pair<const char*, int>, 4> all = {{{"acknowledged", messages.acknowledged},
                                                           {"retried", messages.again},
                                                           {"dead_lettered", messages.buried},
                                                           {"dropped", messages.dropped}}};
  for (const auto& [result, count] : all) {
    if (count > 0) impl_->batch_messages.Add(impl_->labels(whose, {{"result", result}})).Increment(count);
  }
}

void Counts::request(const void* identity, std::string_view method, std::string_view route, int status,
                     std::optional<double> seconds) {
  RouteCounts& counts = impl_->routes[identity];
  if (counts.seconds == nullptr) {
    counts.method = method;
    counts.route = route;
    counts.seconds =
        &impl_->seconds.Add({{"method", counts.method}, {"route", counts.route}}, kRequestBuckets);
  }
  if (seconds) counts.seconds->Observe(*seconds);
  for (const auto& [code, counter] : counts.by_code) {
    if (code != status) continue;
    counter->Increment();
    return;
  }
  Counter& fresh = impl_->requests.Add(
      {{"method", counts.method}, {"route", counts.route}, {"code", std::to_string(status)}});
  fresh.Increment();
  counts.by_code.emplace_back(status, &fresh);
}

void Counts::worker_request(const Whose& whose, int status, bool by_worker) {
  impl_->visited_key.clear();
  if (impl_->options.per_worker) impl_->visited_key.append(whose.account).append(1, '/').append(whose.worker);
  // Of Workers that are counted together one entry is enough.
  if (impl_->visited.size() >= impl_->options.most_workers && !impl_->visited.contains(impl_->visited_key))
    impl_->visited_key = kOthers;
  WorkerCounts& counts = impl_->visited[impl_->visited_key];
  Counter*& by_class = counts.by_class.at(class_index(status));
  if (by_class == nullptr)
    by_class = &impl_->worker_requests.Add(impl_->labels(whose, {{"code", status_class(status)}}));
  by_class->Increment();
  if (by_worker || status < 500) return;
  if (counts.errors == nullptr) counts.errors = &impl_->worker_errors.Add(impl_->labels(whose));
  counts.errors->Increment();
}

std::vector<prometheus::MetricFamily> Counts::collect() const {
  return impl_->registry.Collect();
}

}  // namespace kiln::metrics
