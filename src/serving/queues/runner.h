// Calls Workers with the messages of the queues that they consume: in batches as the consumer says, each
// message at least once. A call that fails is one whose messages come again; a Worker that cannot be called,
// or a server that stops, counts against no message.
//
// Owned by app. start() spawns one thread that looks which batch is due, woken by whatever may change that,
// and others that each wait for one call; stop() ends them. Methods: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "serving/queues/agenda.h"
#include "serving/runtimes.h"
#include "store/batch_store.h"
#include "store/message_store.h"
#include "store/route_resolver.h"
#include "workers/tails.h"

namespace kiln::serving {

// What came of a call of queue().
struct BatchEnd {
  std::string outcome;  // "ok", "exception", …
  store::Acknowledged messages;
};

struct QueueRunnerOptions {
  AgendaLimits limits;
  int run_timeout_ms = 15 * 60'000;  // of one call
  std::uint64_t seed = 1;            // of the choice between the versions of a deployment
  workers::Tails* tails = nullptr;
  std::function<void(const store::ConsumedQueue& queue, const BatchEnd& end)> ended = {};  // quick
};

class QueueRunner {
 public:
  // Everything passed by reference outlives it.
  QueueRunner(store::BatchStore& batches, store::MessageStore& messages, store::RouteResolver& routes,
              Runtimes& runtimes, QueueRunnerOptions options);
  ~QueueRunner();
  QueueRunner(const QueueRunner&) = delete;
  QueueRunner& operator=(const QueueRunner&) = delete;

  [[nodiscard]] Status start();
  // What goes wrong with calls from now on is the server's doing: before the Workers' processes end.
  void stop_calling();
  void stop();

  // There are new messages in that queue; with an empty id, perhaps in any.
  void wake(const std::string& queue_id);
  // Queues have other consumers or settings, or Workers other versions.
  void renew();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
