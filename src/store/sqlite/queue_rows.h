// Rows of queues and their messages. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/message_queue.h"
#include "store/message_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// A queue as those need it who put messages in and take them out.
struct QueueRow {
  std::int64_t number = 0;
  model::QueueSettings settings;
};
[[nodiscard]] std::optional<QueueRow> find_queue(Connection& db, const std::string& account_id,
                                                 const std::string& id);
[[nodiscard]] std::optional<QueueRow> find_queue_of_name(Connection& db, const std::string& account_id,
                                                         const std::string& name);
[[nodiscard]] tl::unexpected<Error> no_queue();

// Some of what has outlived its queue's retention goes: called wherever messages come and go, so that a queue
// that nobody takes from is bounded too.
void drop_expired(Connection& db, std::int64_t queue, TimeMs now);

void put_message(Connection& db, const QueueRow& queue, const NewMessage& message, TimeMs now);

}  // namespace kiln::store::sqlite
