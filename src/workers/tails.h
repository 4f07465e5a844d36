// Who watches what Workers do, live: events are made only while somebody does, and kept until they are read
// or the reader falls behind. Owned by app; every method is safe from any thread and quick.
//
// The front tells of requests, the runtimes of what Workers print. A printed line belongs to the newest
// request of its version that was open when it was printed, else to an event without a request: workerd does
// not say which one it was. An event is handed out kGraceMs after its request has ended, so that its last
// lines, which come over another way, are with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/ids.h"
#include "base/result.h"
#include "events/hub.h"

namespace kiln::workers {

struct TailFilters {
  double sampling_rate = 1;
  std::vector<std::string> outcomes;  // empty: all; the same for the others
  std::vector<std::string> methods;
  std::string header_key;  // lower case
  std::string header_query;
  std::optional<Uuid> version;
};

struct TailedRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  // names lower case, without secrets
};

// A call with messages of a queue.
struct TailedBatch {
  std::string queue;
  int size = 0;
};

struct TailedLine {
  TimeMs time = 0;
  std::string level = "log";
  std::string text;
  bool is_exception = false;  // the request ended by it; `text` is its message, `name` its class
  std::string name;
};

struct OpenedTail {
  std::string id;
  std::string token;  // opens its stream, once, within kConnectMs
  TimeMs expires_at = 0;
};

struct ConnectedTail {
  std::string id;
  std::string worker_tag;
};

// What a stream may send now.
struct TailNews {
  std::vector<std::string> events;  // JSON objects in wrangler's form
  bool over = false;
  int wait_ms = 0;  // when more may be due without a word on the topic
};

class Tails {
 public:
  static constexpr TimeMs kGraceMs = 150;
  static constexpr TimeMs kConnectMs = 60'000;
  static constexpr TimeMs kLifeMs = TimeMs{6} * 3'600'000;
  static constexpr std::size_t kMaxTails = 64;
  static constexpr std::size_t kMaxOfWorker = 10;
  static constexpr std::size_t kMaxWaiting = 1000;  // events of one tail
  static constexpr std::size_t kMaxOpen = 4096;     // requests at once
  static constexpr std::size_t kMaxLines = 256;     // of one event

  Tails(const Clock& clock, Entropy& entropy, events::Hub& hub)
      : clock_(clock), entropy_(entropy), hub_(hub) {}

  // Errors: Errc::rate_limited when there are as many as Kiln keeps.
  [[nodiscard]] Result<OpenedTail> open(const std::string& worker_tag, const std::string& script_name,
                                        TailFilters filters);
  // Ends it for its reader too. A tail that is not there is no error.
  void close(const std::string& worker_tag, const std::string& id);
  // The tail behind a token, which is used up. Errors: Errc::not_found.
  [[nodiscard]] Result<ConnectedTail> connect(std::string_view token);
  [[nodiscard]] TailNews news(const std::string& id);
  // Notified when news() may have some.
  [[nodiscard]] static std::string topic(const std::string& id) { return "tail/" + id; }

  // Whether anybody watches anything: one load, for callers that would have to gather facts first.
  [[nodiscard]] bool any() const { return count_.load(std::memory_order_relaxed) > 0; }
  [[nodiscard]] bool watched(std::string_view worker_tag);
  // A ticket for end(); 0 when nobody watches that Worker.
  [[nodiscard]] std::uint64_t begin(const std::string& worker_tag, const Uuid& version,
                                    TailedRequest request);
  [[nodiscard]] std::uint64_t begin_batch(const std::string& worker_tag, const Uuid& version,
                                          TailedBatch batch);
  // `status` 0: the client left before there was an answer. Of a batch 200 or, where it failed, 500.
  void end(std::uint64_t ticket, int status);
  void line(const std::string& worker_tag, const Uuid& version, TailedLine line);

 private:
  struct Record {
    Uuid version;
    std::optional<TailedRequest> request;
    std::optional<TailedBatch> batch;
    TimeMs begin = 0;
    TimeMs ended = 0;  // 0: it has not
    int status = 0;
    std::vector<TailedLine> lines;

    // Neither: printed by nobody's call.
    [[nodiscard]] bool is_call() const { return request || batch; }
  };
  using RecordPtr = std::shared_ptr<Record>;
  struct Tail {
    std::string id;
    std::string token;  // empty once used
    std::string worker_tag;
    std::string script_name;
    TailFilters filters;
    TimeMs until = 0;
    std::deque<RecordPtr> waiting;  // in the order of their ends
    bool fell_behind = false;
    std::uint64_t dice = 1;
  };

  [[nodiscard]] std::uint64_t begin(const std::string& worker_tag, std::shared_ptr<Record> record);
  void forget_late();
  void publish(const std::string& worker_tag, const RecordPtr& record);
  [[nodiscard]] RecordPtr record_for(const std::string& worker_tag, const Uuid& version,
                                     const TailedLine& line);
  void settle();
  [[nodiscard]] static bool wants(Tail& tail, const Record& record, std::string_view outcome);

  const Clock& clock_;
  Entropy& entropy_;
  events::Hub& hub_;
  std::atomic<int> count_{0};
  std::mutex mutex_;  // guards what follows; the hub is called without it
  std::map<std::string, Tail> tails_;
  std::map<std::uint64_t, std::pair<std::string, RecordPtr>> open_;  // by ticket, so in the order of begins
  std::deque<std::pair<std::string, RecordPtr>> recent_;  // ended, not yet handed out: lines may still come
  std::uint64_t next_ticket_ = 1;
};

}  // namespace kiln::workers
