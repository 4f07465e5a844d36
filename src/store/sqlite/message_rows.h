// Messages as they are taken out of their queue and come back to it. Called inside a transaction; belongs to
// its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "store/message_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/queue_rows.h"

namespace kiln::store::sqlite {

// Of a queue's consumer, what decides on its messages.
struct Taker {
  model::ConsumerKind kind = model::ConsumerKind::http_pull;
  int batch_size = 1;
  int max_retries = model::kMostRetries;
  TimeMs visibility_ms = 0;
  std::int64_t retry_delay_s = 0;
  std::string dead_letter_queue;
  TimeMs max_wait_ms = 0;
};
[[nodiscard]] std::optional<Taker> taker_of(Connection& db, std::int64_t queue);

struct Takable {
  std::int64_t number = 0;
  QueuedMessage message;
};

[[nodiscard]] Backlog backlog_of(Connection& db, std::int64_t queue);

// Those that can be taken now, in their order.
[[nodiscard]] std::vector<Takable> takable(Connection& db, std::int64_t queue, TimeMs now, int most);

// Takes it out until then.
void lease(Connection& db, Entropy& entropy, Takable& one, TimeMs until);
// The message that is leased so.
[[nodiscard]] std::optional<Takable> leased(Connection& db, std::int64_t queue, const std::string& key);
void give_back(Connection& db, std::int64_t number, TimeMs visible_on);

void delete_message(Connection& db, std::int64_t number);
// Whether a message was leased so, which is gone then.
bool delete_leased(Connection& db, std::int64_t queue, const std::string& key);

// What was handed out too often goes to the dead letter queue, or away where none was named.
enum class Burial {
  buried,
  dropped,
  none,  // the queue that was named is gone or full, or has come to be this one by a new name: it stays
};
[[nodiscard]] Burial bury(Connection& db, const std::string& account_id, std::int64_t queue,
                          const Taker& taker, const Takable& one, TimeMs now, std::int64_t most_bytes);

// What cannot be buried stands in nobody's way for so long.
inline constexpr TimeMs kUnburiedMs = 60'000;
// A look that finds nothing but messages that were handed out too often is made so many times.
inline constexpr int kMostLooks = 20;

}  // namespace kiln::store::sqlite
