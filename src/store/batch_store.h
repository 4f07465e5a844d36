// Port: batches of messages for the Workers that consume queues. A batch is leased as a whole, and settled by
// MessageStore::acknowledge(). The store's clock says what is due. Owned by app; every method is one durable
// transaction and safe from any thread. A queue that is gone, paused or consumed by no Worker has no batch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/message_store.h"

namespace kiln::store {

// A queue for whose messages a Worker is called.
struct ConsumedQueue {
  std::string account_id;
  std::string queue_id;
  std::string queue_name;
  std::string worker_tag;
  std::string worker_name;
  int max_concurrency = 0;  // batches at once; 0: as many as there is room for
};

struct Batch {
  ConsumedQueue queue;
  std::vector<QueuedMessage> messages;  // never none, each with its lease
  Backlog backlog;                      // what the queue holds, these included
};

struct Taken {
  std::optional<Batch> batch;  // nothing: none is due
  int buried = 0;              // that went to the dead letter queue meanwhile
};

class BatchStore {
 public:
  // Bytes of the messages in one batch, unless a single one has more.
  static constexpr std::size_t kLargestBatch = std::size_t{2} << 20U;

  virtual ~BatchStore() = default;

  // All of them, of every account, in no order.
  [[nodiscard]] virtual Result<std::vector<ConsumedQueue>> consumed() = 0;
  // In how long its next batch may be due; nothing: none before something changes.
  [[nodiscard]] virtual Result<std::optional<TimeMs>> next_batch(const std::string& account_id,
                                                                 const std::string& queue_id) = 0;
  // Leases the batch that is due for `lease_ms`. One is due when it is full, when its first message has
  // waited as long as the consumer says, or when one is handed out again. Those that were handed out too
  // often go to the dead letter queue meanwhile.
  [[nodiscard]] virtual Result<Taken> take(const std::string& account_id, const std::string& queue_id,
                                           TimeMs lease_ms) = 0;
  // The Worker was never called with them: as if they had not been taken. Leases that are no more are none.
  [[nodiscard]] virtual Status put_back(const std::string& account_id, const std::string& queue_id,
                                        const std::vector<std::string>& leases) = 0;
  // Of every queue that a Worker consumes, once nobody is called any more: those that were under way are put
  // back, also where their lease has ended meanwhile.
  [[nodiscard]] virtual Status put_back_all() = 0;
};

}  // namespace kiln::store
