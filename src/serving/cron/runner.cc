#include "serving/cron/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "base/http_client.h"
#include "base/log.h"
#include "base/task_threads.h"
#include "model/cron.h"
#include "serving/front/choose.h"
#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

constexpr int kMostRetries = 6;
constexpr int kMostAtOnce = 256;  // that are looked at
constexpr TimeMs kLongestSleep = 30'000;
constexpr TimeMs kAfterTrouble = 1'000;
constexpr int kOk = 200;

// How a call of scheduled() ended.
struct CronOutcome {
  std::string word;  // workerd's: "ok", "exception", "exceededCpu"; or ours
  bool again = false;
};

// What the gate of workerd_config.cc answered.
CronOutcome outcome_of(const Result<HttpResponse>& answer) {
  if (!answer) return {"unreachable", true};
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(answer->body, error);
  const boost::json::object* object = error || answer->status != kOk ? nullptr : value.if_object();
  const boost::json::value* word = object == nullptr ? nullptr : object->if_contains("outcome");
  if (word == nullptr || !word->is_string()) return {"exception", true};
  const boost::json::value* no_retry = object->if_contains("noRetry");
  const bool final = no_retry != nullptr && no_retry->is_bool() && no_retry->get_bool();
  const std::string text(word->get_string());
  return {text, text != "ok" && !final};
}

}  // namespace

struct CronRunner::Impl {
  Impl(store::ScheduleStore& given, store::RouteResolver& given_routes, Runtimes& given_runtimes,
       const Clock& given_clock, const CronOptions& given_options)
      : schedules(given),
        routes(given_routes),
        runtimes(given_runtimes),
        clock(given_clock),
        options(given_options),
        chooser(given_options.seed) {}

  void keep() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      woken = false;
      lock.unlock();
      const TimeMs pause = look();
      lock.lock();
      changed.wait_for(lock, std::chrono::milliseconds(pause), [this] { return stopping.load() || woken; });
    }
  }

  // Hands out what is due; returns for how long there is nothing to do.
  TimeMs look() {
    {
      const std::lock_guard lock(mutex);
      ended.clear();
    }
    const Result<store::DueSchedules> due = schedules.due(kMostAtOnce, kLongestSleep);
    if (!due) {
      log::error("cron triggers cannot be read: {}", due.error().message);
      return kAfterTrouble;
    }
    bool again = false;
    for (const store::Schedule& schedule : due->now) {
      if (schedule.due_on == 0) {
        if (!settle(schedule)) return kAfterTrouble;
        again = true;
        continue;
      }
      const std::lock_guard lock(mutex);
      // Its run ended while the store was read: what was read of it is no longer so.
      if (ended.contains(schedule.worker_tag)) {
        again = true;
        continue;
      }
      // The end of a run wakes us.
      if (!running.insert(schedule.worker_tag).second) continue;
      runs.add([this, schedule] { run(schedule); });
    }
    return again ? 0 : due->next_in_ms;
  }

  // Of a schedule that was stored before there were runs.
  bool settle(const store::Schedule& schedule) {
    const Result<model::Cron> cron = model::Cron::parse(schedule.cron);
    if (!cron) {
      log::warn("the Worker {} has a cron trigger that never runs, \"{}\": {}", schedule.worker_name,
                schedule.cron, cron.error().message);
    }
    const Status done = cron ? schedules.end_run(schedule.worker_tag, schedule.cron,
                                                 {schedule.due_on, cron->next_after(clock.now()), {}})
                             : schedules.drop(schedule.worker_tag, schedule.cron);
    if (!done) log::error("a cron trigger cannot be stored: {}", done.error().message);
    return done.has_value();
  }

  void run(const store::Schedule& schedule) {
    const TimeMs begun = clock.now();
    const CronOutcome outcome = call(schedule);
    const Status noted = stopping ? Status() : note(schedule, outcome, begun);
    std::unique_lock lock(mutex);
    if (!noted) {
      // It is due still: not at once again, nor for ever.
      log::error("the run of a cron trigger cannot be noted: {}", noted.error().message);
      changed.wait_for(lock, std::chrono::milliseconds(kLongestSleep), [this] { return stopping.load(); });
    }
    running.erase(schedule.worker_tag);
    ended.insert(schedule.worker_tag);
    woken = true;
    changed.notify_all();
  }

  // What was missed before the run began is done with; what came due meanwhile is due.
  Status note(const store::Schedule& schedule, const CronOutcome& outcome, TimeMs begun) {
    const Result<model::Cron> cron = model::Cron::parse(schedule.cron);
    if (!cron) return schedules.drop(schedule.worker_tag, schedule.cron);
    const TimeMs next = cron->next_after(std::max(begun, schedule.due_on));
    const TimeMs delay = TimeMs{options.first_retry_ms} << std::min(schedule.attempts, kMostRetries);
    log::info("cron worker={} cron={} due={} attempt={} outcome={}", schedule.worker_name,
              log::quoted(schedule.cron), schedule.due_on, schedule.attempts + 1, outcome.word);
    if (outcome.again && schedule.attempts < kMostRetries && clock.now() + delay < next)
      return schedules.retry_run(schedule.worker_tag, schedule.cron, schedule.due_on, delay);
    return schedules.end_run(schedule.worker_tag, schedule.cron, {schedule.due_on, next, outcome.word});
  }

  CronOutcome call(const store::Schedule& schedule) {
    const Result<store::Route> route = routes.service(schedule.account_id, schedule.worker_name);
    if (!route) return {"notDeployed", route.error().code == Errc::io};
    Uuid version;
    {
      const std::lock_guard lock(mutex);
      version = chooser.choose(route->versions);
    }
    std::promise<Result<Endpoint>> promise;
    std::future<Result<Endpoint>> future = promise.get_future();
    runtimes.acquire(version, [&promise](Result<Endpoint> ready) { promise.set_value(std::move(ready)); });
    const Result<Endpoint> endpoint = future.get();
    if (!endpoint) return {"unavailable", true};
    if (endpoint->events_path.empty()) {
      log::warn("the Worker {} has the cron trigger \"{}\" and no scheduled() that it could call",
                schedule.worker_name, schedule.cron);
      return {"noHandler", false};
    }
    HttpRequest request;
    request.method = "POST";
    request.url = std::string("http://events") + kCronPath;
    request.unix_socket = endpoint->events_path;
    request.headers = {{"content-type", "application/json"}};
    request.body = boost::json::serialize(
        boost::json::object{{"cron", schedule.cron}, {"scheduledTime", schedule.due_on}});
    request.timeout_ms = options.run_timeout_ms;
    request.stop = &stopping;
    CurlClient client;
    return outcome_of(client.send(request));
  }

  store::ScheduleStore& schedules;
  store::RouteResolver& routes;
  Runtimes& runtimes;
  const Clock& clock;
  CronOptions options;
  TaskThreads runs;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool woken = false;
  std::atomic<bool> stopping{false};
  std::set<std::string> running;  // Workers, by tag
  std::set<std::string> ended;    // those that have been called, since the store was last looked at
  Chooser chooser;
  std::thread thread;
};

CronRunner::CronRunner(store::ScheduleStore& schedules, store::RouteResolver& routes, Runtimes& runtimes,
                       const Clock& clock, const CronOptions& options)
    : impl_(std::make_unique<Impl>(schedules, routes, runtimes, clock, options)) {}

CronRunner::~CronRunner() {
  stop();
}

void CronRunner::start() {
  impl_->runs.start(impl_->options.at_once);
  impl_->thread = std::thread([impl = impl_.get()] { impl->keep(); });
}

void CronRunner::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->runs.stop();
}

void CronRunner::wake() {
  const std::lock_guard lock(impl_->mutex);
  impl_->woken = true;
  impl_->changed.notify_all();
}

}  // namespace kiln::serving
