// Port: the outbox, in which every move of a build, and whatever else others can be told of, leaves a row in
// the transaction of the change itself, and from which whoever must be told is found. Rows go once they are
// handed on, in one transaction with what they make due, so that a process that is killed in between hands on
// again and forgets nothing. Owned by app; every method is one durable transaction and safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/happening.h"

namespace kiln::store {

struct OutboxRow {
  std::int64_t number = 0;  // grows; rows of one build stand in the order of its moves
  model::Happening move = model::Happening::queued;
  TimeMs made_on = 0;
  Uuid build;  // nil: of a Worker or an account (model::Happening)
  std::string account_id;
  std::string worker_tag;
  std::string worker_name;
  std::string detail;     // the version, deployment, preview or delivery that it is about
  bool listened = false;  // the account has subscriptions or sinks that are enabled
  Uuid connection;        // of a build
  std::string provider;   // of the connection
  // The one that it belongs to, with a head in the repository: an open one, or one whose comment lists it.
  std::optional<std::int64_t> pull_request;
  bool unreported = false;  // no host is told of this build (model::Build)
};

// What a source host is to be told: of the build itself, and of its pull request.
struct ReportWish {
  std::int64_t outbox_number = 0;
  Uuid connection;
  std::string host;  // destination: whatever goes there shares a clock
  Uuid build;
  bool of_build = true;  // of itself
  std::optional<std::int64_t> pull_request;
};

// A message for a queue. One with the same id goes into it once.
struct QueueWish {
  std::string account_id;
  std::string queue_id;
  Uuid message;
  std::string body;  // JSON
};

// An event for a sink.
struct SinkWish {
  Uuid sink;
  Uuid delivery;
  std::optional<Uuid> build;
  std::string event;
  std::string body;
  TimeMs made_on = 0;
};

// Where events go. What leads to a queue or a sink that is gone is left out.
struct EventWishes {
  std::vector<QueueWish> queues;
  std::vector<SinkWish> sinks;
  std::vector<Uuid> traces{};  // builds whose trace a collector is to be told (trace_store.h)
  [[nodiscard]] bool empty() const { return queues.empty() && sinks.empty() && traces.empty(); }
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // The oldest, at most `most`.
  [[nodiscard]] virtual Result<std::vector<OutboxRow>> waiting(int most) = 0;
  // Tells every account that somebody listens for that the server's disk has only so many bytes left. Returns
  // how many those are.
  [[nodiscard]] virtual Result<int> add_disk_low(std::uint64_t free_bytes) = 0;
  // Takes away the rows up to that number, and makes due what the wishes say (report_store.h,
  // sink_delivery_store.h, trace_store.h), or puts it into queues.
  [[nodiscard]] virtual Status hand_on(std::int64_t up_to, const std::vector<ReportWish>& reports,
                                       const EventWishes& events) = 0;
};

}  // namespace kiln::store
