#include "store/sqlite/queue_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kExpiredAtOnce = 500;

std::optional<QueueRow> queue_row_at(Query row) {
  if (!row.step()) return std::nullopt;
  return QueueRow{row.integer(0),
                  {row.integer(1), row.integer(2), row.integer(3) != 0},
                  row.integer(4) * room_of(0) + row.integer(5)};
}

}  // namespace

std::optional<QueueRow> find_queue(Connection& db, const std::string& account_id, const std::string& id) {
  Query row = db.query(
      "SELECT number, delivery_delay, retention, paused, backlog_count, backlog_bytes FROM queues WHERE id = "
      "? AND account_id = ?");
  row.bind(id).bind(account_id);
  return queue_row_at(std::move(row));
}

std::optional<QueueRow> find_queue_of_name(Connection& db, const std::string& account_id,
                                           const std::string& name) {
  Query row = db.query(
      "SELECT number, delivery_delay, retention, paused, backlog_count, backlog_bytes FROM queues WHERE "
      "account_id = ? AND name = ?");
  row.bind(account_id).bind(name);
  return queue_row_at(std::move(row));
}

tl::unexpected<Error> no_queue() {
  return fail(Errc::not_found, "the account has no such queue: `wrangler queues list` shows those it has",
              "queue_id");
}

void drop_expired(Connection& db, std::int64_t queue, TimeMs now) {
  db.query(
        "DELETE FROM queue_messages WHERE number IN (SELECT number FROM queue_messages WHERE queue_number = "
        "? AND expires_on <= ? LIMIT ?)")
      .bind(queue)
      .bind(now)
      .bind(kExpiredAtOnce)
      .run();
}

void put_message(Connection& db, const QueueRow& queue, const NewMessage& message, TimeMs now) {
  const std::int64_t delay = message.delay_s.value_or(queue.settings.delivery_delay_s);
  db.query(
        "INSERT INTO queue_messages (queue_number, id, body, content_type, sent_on, visible_on, expires_on) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (queue_number, id) DO NOTHING")
      .bind(queue.number)
      .bind(message.id)
      .bind_blob(message.body)
      .bind(to_string(message.type))
      .bind(now)
      .bind(now + delay * 1'000)
      .bind(now + queue.settings.retention_s * 1'000)
      .run();
}

}  // namespace kiln::store::sqlite
