// Rows of queues and their messages. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstddef>
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
  std::int64_t taken = 0;  // of the room that it may take
};
[[nodiscard]] std::optional<QueueRow> find_queue(Connection& db, const std::string& account_id,
                                                 const std::string& id);
[[nodiscard]] std::optional<QueueRow> find_queue_of_name(Connection& db, const std::string& account_id,
                                                         const std::string& name);
[[nodiscard]] tl::unexpected<Error> no_queue();

// Some of what has outlived its queue's retention goes: called wherever messages come and go, so that a queue
// that nobody takes from is bounded too.
void drop_expired(Connection& db, std::int64_t queue, TimeMs now);

// What a message of so many bytes takes of its queue's room: its row counts too.
[[nodiscard]] constexpr std::int64_t room_of(std::size_t bytes) {
  constexpr std::int64_t kRow = 256;
  return static_cast<std::int64_t>(bytes) + kRow;
}

void put_message(Connection& db, const QueueRow& queue, const NewMessage& message, TimeMs now);

}  // namespace kiln::store::sqlite
