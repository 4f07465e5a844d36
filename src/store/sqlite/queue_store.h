// Queues, their messages, and the subscriptions that fill them, over the database. Owned by app; safe from
// any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "store/event_subscription_store.h"
#include "store/message_store.h"
#include "store/queue_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteQueueStore final : public QueueStore {
 public:
  explicit SqliteQueueStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add_queue(const model::MessageQueue& queue) override;
  [[nodiscard]] Result<Paged<QueueView>> queues(const std::string& account_id,
                                                const std::vector<std::string>& names, Page page) override;
  [[nodiscard]] Result<QueueView> queue(const std::string& account_id, const std::string& id) override;
  [[nodiscard]] Result<std::string> id_of(const std::string& account_id, const std::string& name) override;
  [[nodiscard]] Result<std::map<std::string, std::set<std::string>>> producers(
      const std::string& account_id) override;
  [[nodiscard]] Status change_queue(const model::MessageQueue& queue) override;
  [[nodiscard]] Status delete_queue(const std::string& account_id, const std::string& id) override;
  [[nodiscard]] Status add_consumer(const std::string& account_id, const std::string& queue_id,
                                    const model::QueueConsumer& consumer) override;
  [[nodiscard]] Status change_consumer(const std::string& account_id, const std::string& queue_id,
                                       const model::QueueConsumer& consumer) override;
  [[nodiscard]] Status delete_consumer(const std::string& account_id, const std::string& queue_id,
                                       const std::string& id) override;

 private:
  Database& database_;
};

class SqliteMessageStore final : public MessageStore {
 public:
  // `most_bytes`: how large a queue may be.
  SqliteMessageStore(Database& database, Entropy& entropy,
                     std::int64_t most_bytes = std::numeric_limits<std::int64_t>::max())
      : database_(database), entropy_(entropy), most_bytes_(most_bytes) {}

  [[nodiscard]] Result<Backlog> send(const std::string& account_id, const std::string& queue_id,
                                     const std::vector<NewMessage>& messages) override;
  [[nodiscard]] Result<Pulled> pull(const std::string& account_id, const std::string& queue_id,
                                    std::optional<int> most, std::optional<TimeMs> visibility_ms) override;
  [[nodiscard]] Result<Acknowledged> acknowledge(const std::string& account_id, const std::string& queue_id,
                                                 const std::vector<std::string>& done,
                                                 const std::vector<GivenBack>& given_back) override;
  [[nodiscard]] Result<std::vector<QueuedMessage>> peek(const std::string& account_id,
                                                        const std::string& queue_id, int most) override;
  [[nodiscard]] Status remove(const std::string& account_id, const std::string& queue_id,
                              const std::vector<Uuid>& ids) override;
  [[nodiscard]] Result<Backlog> backlog(const std::string& account_id, const std::string& queue_id) override;
  [[nodiscard]] Status purge(const std::string& account_id, const std::string& queue_id) override;
  [[nodiscard]] Result<std::optional<TimeMs>> purged_on(const std::string& account_id,
                                                        const std::string& queue_id) override;

 private:
  Database& database_;
  Entropy& entropy_;
  std::int64_t most_bytes_;
};

class SqliteEventSubscriptionStore final : public EventSubscriptionStore {
 public:
  explicit SqliteEventSubscriptionStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add_subscription(const model::EventSubscription& subscription) override;
  [[nodiscard]] Result<Paged<model::EventSubscription>> subscriptions(const std::string& account_id,
                                                                      const std::string& queue_id,
                                                                      Page page) override;
  [[nodiscard]] Result<model::EventSubscription> subscription(const std::string& account_id,
                                                              const std::string& id) override;
  [[nodiscard]] Status change_subscription(const model::EventSubscription& subscription) override;
  [[nodiscard]] Status delete_subscription(const std::string& account_id, const std::string& id) override;
  [[nodiscard]] Result<std::vector<model::EventSubscription>> listening_subscriptions(
      const std::string& account_id) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
