// Port: the messages in queues. One that is taken out is leased: whoever has the lease alone sees it, until
// it is acknowledged, given back or the lease ends. Messages come out in the order in which they can be
// taken, which is that of their arrival as long as none is delayed or given back. The store's clock decides.
// What Workers are called with is taken through batch_store.h.
// Owned by app; every method is one durable transaction and safe from any thread. A queue of another account
// is Errc::not_found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/message_queue.h"

namespace kiln::store {

struct NewMessage {
  Uuid id;  // one that the queue holds already is left alone
  std::string body;
  model::ContentType type = model::ContentType::json;
  std::optional<std::int64_t> delay_s;  // nothing: the queue's own
};

struct QueuedMessage {
  Uuid id;
  std::string body;
  model::ContentType type = model::ContentType::json;
  TimeMs sent_on = 0;
  int attempts = 0;   // this one included
  std::string lease;  // 32 hex digits; empty: only looked at
};

struct Backlog {
  std::int64_t count = 0;  // of messages that nobody has acknowledged
  std::int64_t bytes = 0;
  TimeMs oldest_on = 0;  // 0: there are none
};

struct Pulled {
  std::vector<QueuedMessage> messages;
  Backlog backlog;
  int buried = 0;  // that went to the dead letter queue meanwhile
};

// What of a message's lease a consumer is told.
struct GivenBack {
  std::string lease;
  std::optional<std::int64_t> delay_s;  // nothing: the consumer's own
};

struct Acknowledged {
  int done = 0;
  int given_back = 0;  // of those:
  int buried = 0;      // that went to the dead letter queue, since they were handed out too often
  int dropped = 0;     // or away, where the consumer names none
  std::vector<std::string> unknown;  // leases of nothing, or that somebody else has by now
};

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // All or none. Errors: Errc::disk_full when the queue would be larger than it may be.
  [[nodiscard]] virtual Result<Backlog> send(const std::string& account_id, const std::string& queue_id,
                                             const std::vector<NewMessage>& messages) = 0;
  // Leases up to `most` messages (nothing: as the consumer has it) for `visibility_ms`. Those that were
  // handed out too often go to the dead letter queue meanwhile. Errors: Errc::conflict when the queue has no
  // consumer that pulls.
  [[nodiscard]] virtual Result<Pulled> pull(const std::string& account_id, const std::string& queue_id,
                                            std::optional<int> most, std::optional<TimeMs> visibility_ms) = 0;
  [[nodiscard]] virtual Result<Acknowledged> acknowledge(const std::string& account_id,
                                                         const std::string& queue_id,
                                                         const std::vector<std::string>& done,
                                                         const std::vector<GivenBack>& given_back) = 0;
  // Looks at the first that could be pulled.
  [[nodiscard]] virtual Result<std::vector<QueuedMessage>> peek(const std::string& account_id,
                                                                const std::string& queue_id, int most) = 0;
  // Takes those away, leased or not.
  [[nodiscard]] virtual Status remove(const std::string& account_id, const std::string& queue_id,
                                      const std::vector<Uuid>& ids) = 0;
  [[nodiscard]] virtual Result<Backlog> backlog(const std::string& account_id,
                                                const std::string& queue_id) = 0;
  // Takes all away.
  [[nodiscard]] virtual Status purge(const std::string& account_id, const std::string& queue_id) = 0;
  // When that was last done.
  [[nodiscard]] virtual Result<std::optional<TimeMs>> purged_on(const std::string& account_id,
                                                                const std::string& queue_id) = 0;
};

}  // namespace kiln::store
