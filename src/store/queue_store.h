// Port: an account's message queues, and who takes messages out of them. Owned by app; every method is one
// durable transaction and safe from any thread. What belongs to another account is Errc::not_found.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/message_queue.h"
#include "store/page.h"

namespace kiln::store {

struct QueueView {
  model::MessageQueue queue;
  std::vector<model::QueueConsumer> consumers;
  std::int64_t backlog_count = 0;  // messages that nobody has acknowledged
  std::int64_t backlog_bytes = 0;
};

// For a consumer that the queue does not have.
[[nodiscard]] inline tl::unexpected<Error> no_such_consumer() {
  return fail(Errc::not_found,
              "the queue has no such consumer; GET /accounts/{account_id}/queues/{queue_id}/consumers lists "
              "those it has",
              "consumer_id");
}

class QueueStore {
 public:
  virtual ~QueueStore() = default;

  // Errors: Errc::conflict, field queue_name, when the account has one of that name, or too many.
  [[nodiscard]] virtual Status add_queue(const model::MessageQueue& queue) = 0;
  // The oldest first; of those names, unless there are none.
  [[nodiscard]] virtual Result<Paged<QueueView>> queues(const std::string& account_id,
                                                        const std::vector<std::string>& names, Page page) = 0;
  [[nodiscard]] virtual Result<QueueView> queue(const std::string& account_id, const std::string& id) = 0;
  // The id of the queue of that name.
  [[nodiscard]] virtual Result<std::string> id_of(const std::string& account_id, const std::string& name) = 0;
  // Which Workers may send, by the queue's name: those whose live versions are bound to it.
  [[nodiscard]] virtual Result<std::map<std::string, std::set<std::string>>> producers(
      const std::string& account_id) = 0;
  // Its name and settings. Errors: as add_queue(); Errc::conflict, field queue_id, when the name of one
  // changes that Workers are bound to or consume, or that takes dead letters.
  [[nodiscard]] virtual Status change_queue(const model::MessageQueue& queue) = 0;
  // With its messages, its consumers and the subscriptions that lead to it. Errors: Errc::conflict, field
  // queue_id, when Workers are bound to it, one consumes it, or it takes dead letters.
  [[nodiscard]] virtual Status delete_queue(const std::string& account_id, const std::string& id) = 0;

  // A Worker's is found by its name. Errors: Errc::conflict, field type, when the queue has one;
  // Errc::invalid, field dead_letter_queue, when the account has no such queue; Errc::worker_not_found.
  [[nodiscard]] virtual Status add_consumer(const std::string& account_id, const std::string& queue_id,
                                            const model::QueueConsumer& consumer) = 0;
  [[nodiscard]] virtual Status change_consumer(const std::string& account_id, const std::string& queue_id,
                                               const model::QueueConsumer& consumer) = 0;
  [[nodiscard]] virtual Status delete_consumer(const std::string& account_id, const std::string& queue_id,
                                               const std::string& id) = 0;
};

}  // namespace kiln::store
