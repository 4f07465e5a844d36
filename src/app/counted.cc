#include "app/counted.h"

namespace kiln::app {

serving::RuntimeOptions counted(serving::RuntimeOptions options, metrics::Counts& counts) {
  options.started = [&counts](const std::string& account, const std::string& worker, double seconds) {
    counts.worker_started({account, worker}, seconds);
  };
  options.crashed = [&counts](const std::string& account, const std::string& worker) {
    counts.worker_restarted({account, worker});
  };
  return options;
}

http::ServerOptions counted(http::ServerOptions options, MetricsParts& metrics) {
  options.answered = [&metrics](const http::Answered& answered) { metrics.answered(answered); };
  return options;
}

serving::QueueRunnerOptions queue_runner_options(workers::Tails& tails, metrics::Counts& counts) {
  serving::QueueRunnerOptions options;
  options.tails = &tails;
  options.ended = [&counts](const store::ConsumedQueue& queue, const serving::BatchEnd& end) {
    const store::Acknowledged& of = end.messages;
    counts.worker_batch({queue.account_id, queue.worker_name}, end.outcome == "ok",
                        {of.done, of.given_back - of.buried - of.dropped, of.buried, of.dropped});
  };
  return options;
}

}  // namespace kiln::app
