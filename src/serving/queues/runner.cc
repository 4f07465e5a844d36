#include "serving/queues/runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "base/http_client.h"
#include "base/log.h"
#include "base/task_threads.h"
#include "serving/front/choose.h"
#include "serving/queues/batch_frame.h"
#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Longer than a call may take.
constexpr TimeMs kLeaseBeyondCallMs = 60'000;
// The queues are read again, whatever was heard.
constexpr milliseconds kLongestSleep{30'000};
constexpr milliseconds kAfterTrouble{1'000};
constexpr int kMostNotes = 5;  // of what came of a batch, until it is left to the end of its lease
constexpr int kOk = 200;

}  // namespace

struct QueueRunner::Impl {
  Impl(store::BatchStore& given, store::MessageStore& given_messages, store::RouteResolver& given_routes,
       Runtimes& given_runtimes, QueueRunnerOptions given_options)
      : batches(given),
        messages(given_messages),
        routes(given_routes),
        runtimes(given_runtimes),
        options(std::move(given_options)),
        agenda(options.limits),
        chooser(options.seed) {}

  void keep() {
    std::unique_lock lock(mutex);
    auto read_on = SteadyClock::now();
    while (!stopping) {
      const auto now = SteadyClock::now();
      if (reread || now >= read_on) {
        reread = false;
        lock.unlock();
        const auto queues = batches.consumed();
        lock.lock();
        if (queues) {
          agenda.set_queues(*queues);
        } else {
          log::error("the queues that Workers consume cannot be read: {}", queues.error().message);
        }
        read_on = SteadyClock::now() + (queues ? kLongestSleep : kAfterTrouble);
        continue;
      }
      if (std::optional<store::ConsumedQueue> queue = agenda.begin(now)) {
        runs.add([this, queue = *std::move(queue)] { look(queue); });
        continue;
      }
      changed.wait_until(lock, std::min(agenda.next_look().value_or(read_on), read_on));
    }
  }

  // The batch that is due, if one is.
  void look(const store::ConsumedQueue& queue) {
    const Result<std::optional<TimeMs>> next = batches.next_batch(queue.account_id, queue.queue_id);
    if (!next) return found_none(queue, next.error());
    if (!*next || **next > 0) return found_none(queue, *next);
    const TimeMs lease = options.run_timeout_ms + kLeaseBeyondCallMs;
    Result<store::Taken> taken = batches.take(queue.account_id, queue.queue_id, lease);
    if (!taken) return found_none(queue, taken.error());
    {
      const std::lock_guard lock(mutex);
      if (taken->buried > 0) agenda.wake_all();
      if (taken->batch) {
        agenda.taken(queue.queue_id);
      } else {
        agenda.none(queue.queue_id, SteadyClock::now(), milliseconds(0));
      }
      changed.notify_all();
    }
    // On this thread, which has the batch's place.
    if (taken->batch) call(*std::move(taken->batch));
  }

  void found_none(const store::ConsumedQueue& queue, const Error& error) {
    log::error("the queue {} cannot be read: {}", queue.queue_name, error.message);
    found_none(queue, std::optional<TimeMs>(kAfterTrouble.count()));
  }
  void found_none(const store::ConsumedQueue& queue, std::optional<TimeMs> next) {
    const std::lock_guard lock(mutex);
    agenda.none(queue.queue_id, SteadyClock::now(), next ? std::optional(milliseconds(*next)) : std::nullopt);
    changed.notify_all();
  }

  // With the batch's place, which is given back.
  void call(store::Batch batch) {
    std::optional<Error> why;
    std::optional<BatchVerdict> verdict = ask(batch, why);
    const bool called = verdict.has_value();
    if (called) {
      note(batch, *verdict);
    } else {
      log::debug("queue {} waits: {}", batch.queue.queue_name, why ? why->message : "the server stops");
      std::vector<std::string> leases;
      for (const store::QueuedMessage& one : batch.messages) leases.push_back(one.lease);
      if (const Status back = batches.put_back(batch.queue.account_id, batch.queue.queue_id, leases); !back)
        log::error("messages of the queue {} come again late: {}", batch.queue.queue_name,
                   back.error().message);
    }
    const std::lock_guard lock(mutex);
    agenda.end(batch.queue.queue_id, SteadyClock::now(),
               called ? Agenda::How::called : Agenda::How::uncalled);
    changed.notify_all();
  }

  // Nothing: the Worker was not called, or the server ended the call.
  std::optional<BatchVerdict> ask(const store::Batch& batch, std::optional<Error>& why) {
    const store::ConsumedQueue& queue = batch.queue;
    const Result<store::Route> route = routes.service(queue.account_id, queue.worker_name);
    if (!route) {
      why = route.error();
      return std::nullopt;
    }
    Uuid version;
    {
      const std::lock_guard lock(mutex);
      version = chooser.choose(route->versions);
    }
    std::promise<Result<Endpoint>> promise;
    std::future<Result<Endpoint>> future = promise.get_future();
    runtimes.acquire(version, [&promise](Result<Endpoint> ready) { promise.set_value(std::move(ready)); });
    const Result<Endpoint> endpoint = future.get();
    if (!endpoint) {
      why = endpoint.error();
      return std::nullopt;
    }
    if (endpoint->events_path.empty()) {
      why = Error{Errc::unavailable, "its Worker " + queue.worker_name + " has no queue() handler", {}};
      log::warn("the Worker {} consumes the queue {} and has no queue() that it could be called by",
                queue.worker_name, queue.queue_name);
      return std::nullopt;
    }
    HttpRequest request;
    request.method = "POST";
    request.url = std::string("http://events") + kBatchPath;
    request.unix_socket = endpoint->events_path;
    request.headers = {{"content-type", "application/octet-stream"}};
    request.body = batch_frame(batch);
    request.timeout_ms = options.run_timeout_ms;
    request.stop = &stopping;
    const std::uint64_t ticket =
        options.tails == nullptr || !options.tails->any()
            ? 0
            : options.tails->begin_batch(queue.worker_tag, version,
                                         {queue.queue_name, static_cast<int>(batch.messages.size())});
    CurlClient client;
    const Result<HttpResponse> answer = client.send(request);
    BatchVerdict verdict = !answer && answer.error().code == Errc::timeout
                               ? failed_batch("exceededWallTime", batch)
                           : !answer               ? failed_batch("unreachable", batch)
                           : answer->status == kOk ? read_batch_answer(answer->body, batch)
                                                   : failed_batch("exception", batch);
    // What goes wrong from then on is the server's doing.
    if (stopping && verdict.outcome != "ok") {
      if (ticket != 0) options.tails->end(ticket, 0);
      return std::nullopt;
    }
    constexpr int kFailed = 500;
    if (ticket != 0) options.tails->end(ticket, verdict.outcome == "ok" ? kOk : kFailed);
    return verdict;
  }

  void note(const store::Batch& batch, const BatchVerdict& verdict) {
    const store::ConsumedQueue& queue = batch.queue;
    for (int i = 0; i < kMostNotes; ++i) {
      const Result<store::Acknowledged> done =
          messages.acknowledge(queue.account_id, queue.queue_id, verdict.done, verdict.given_back);
      // A queue that was deleted meanwhile has no messages to note.
      if (done || done.error().code == Errc::not_found) {
        if (!done) return;
        if (verdict.outcome != "ok")
          log::info("queue={} worker={} messages={} outcome={} again={} dead={} dropped={}", queue.queue_name,
                    queue.worker_name, batch.messages.size(), verdict.outcome,
                    done->given_back - done->buried - done->dropped, done->buried, done->dropped);
        if (options.ended) options.ended(queue, {verdict.outcome, *done});
        if (done->buried > 0) {
          const std::lock_guard lock(mutex);
          agenda.wake_all();
        }
        return;
      }
      log::error("what came of messages of the queue {} cannot be noted: {}", queue.queue_name,
                 done.error().message);
      std::unique_lock lock(mutex);
      changed.wait_for(lock, kAfterTrouble, [this] { return stopping.load(); });
    }
  }

  store::BatchStore& batches;
  store::MessageStore& messages;
  store::RouteResolver& routes;
  Runtimes& runtimes;
  QueueRunnerOptions options;
  TaskThreads runs;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  Agenda agenda;
  Chooser chooser;
  bool reread = true;
  std::atomic<bool> stopping{false};
  std::thread thread;
};

QueueRunner::QueueRunner(store::BatchStore& batches, store::MessageStore& messages,
                         store::RouteResolver& routes, Runtimes& runtimes, QueueRunnerOptions options)
    : impl_(std::make_unique<Impl>(batches, messages, routes, runtimes, std::move(options))) {}

QueueRunner::~QueueRunner() {
  stop();
}

Status QueueRunner::start() {
  // Whoever was called by a server before this one is called by nobody any more.
  if (Status back = impl_->batches.put_back_all(); !back) return back;
  impl_->runs.start(impl_->options.limits.at_once);
  impl_->thread = std::thread([impl = impl_.get()] { impl->keep(); });
  return {};
}

void QueueRunner::stop_calling() {
  const std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
  impl_->changed.notify_all();
}

void QueueRunner::stop() {
  stop_calling();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->runs.stop();
}

void QueueRunner::wake(const std::string& queue_id) {
  const std::lock_guard lock(impl_->mutex);
  if (queue_id.empty()) {
    impl_->agenda.wake_all();
  } else {
    impl_->agenda.wake(queue_id);
  }
  impl_->changed.notify_all();
}

void QueueRunner::renew() {
  const std::lock_guard lock(impl_->mutex);
  impl_->reread = true;
  impl_->agenda.renew();
  impl_->changed.notify_all();
}

}  // namespace kiln::serving
