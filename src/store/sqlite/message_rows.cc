#include "store/sqlite/message_rows.h"

#include "base/hex.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kLeaseBytes = 16;

}  // namespace

std::optional<Taker> taker_of(Connection& db, std::int64_t queue) {
  Query row = db.query(
      "SELECT kind, batch_size, max_retries, visibility_ms, retry_delay, dead_letter_queue, max_wait_ms FROM "
      "queue_consumers WHERE queue_number = ?");
  if (!row.bind(queue).step()) return std::nullopt;
  const std::optional<model::ConsumerKind> kind = model::parse_consumer_kind(row.view(0));
  if (!kind) throw SqlError(SQLITE_CORRUPT, "a consumer's kind is damaged");
  return Taker{*kind,
               static_cast<int>(row.integer(1)),
               static_cast<int>(row.integer(2)),
               row.integer(3),
               row.integer(4),
               row.text(5),
               row.integer(6)};
}

Backlog backlog_of(Connection& db, std::int64_t queue) {
  Backlog out;
  {
    Query row = db.query("SELECT backlog_count, backlog_bytes FROM queues WHERE number = ?");
    if (row.bind(queue).step()) out = {row.integer(0), row.integer(1), 0};
  }
  Query oldest =
      db.query("SELECT sent_on FROM queue_messages WHERE queue_number = ? ORDER BY expires_on LIMIT 1");
  if (oldest.bind(queue).step()) out.oldest_on = oldest.integer(0);
  return out;
}

std::vector<Takable> takable(Connection& db, std::int64_t queue, TimeMs now, int most) {
  std::vector<Takable> out;
  Query rows = db.query(
      "SELECT number, id, body, content_type, sent_on, attempts FROM queue_messages WHERE queue_number = ? "
      "AND visible_on <= ? AND expires_on > ? ORDER BY visible_on, number LIMIT ?");
  rows.bind(queue).bind(now).bind(now).bind(most);
  while (rows.step()) {
    const std::optional<model::ContentType> type = model::parse_content_type(rows.view(3));
    if (!type) throw SqlError(SQLITE_CORRUPT, "a message's content type is damaged");
    out.push_back(
        {rows.integer(0),
         {rows.uuid(1), rows.text(2), *type, rows.integer(4), static_cast<int>(rows.integer(5)), {}}});
  }
  return out;
}

void lease(Connection& db, Entropy& entropy, Takable& one, TimeMs until) {
  const std::string key = entropy.bytes(kLeaseBytes);
  db.query("UPDATE queue_messages SET attempts = attempts + 1, lease = ?, visible_on = ? WHERE number = ?")
      .bind_blob(key)
      .bind(until)
      .bind(one.number)
      .run();
  ++one.message.attempts;
  one.message.lease = to_hex(key);
}

std::optional<Takable> leased(Connection& db, std::int64_t queue, const std::string& key) {
  const std::optional<std::string> bytes = from_hex(key);
  if (!bytes || bytes->size() != kLeaseBytes) return std::nullopt;
  Query row = db.query(
      "SELECT number, id, body, content_type, sent_on, attempts FROM queue_messages WHERE lease = ? AND "
      "queue_number = ?");
  if (!row.bind_blob(*bytes).bind(queue).step()) return std::nullopt;
  return Takable{
      row.integer(0),
      {row.uuid(1), row.text(2), model::parse_content_type(row.view(3)).value_or(model::ContentType::bytes),
       row.integer(4), static_cast<int>(row.integer(5)), key}};
}

void give_back(Connection& db, std::int64_t number, TimeMs visible_on) {
  db.query("UPDATE queue_messages SET lease = NULL, visible_on = ? WHERE number = ?")
      .bind(visible_on)
      .bind(number)
      .run();
}

bool delete_leased(Connection& db, std::int64_t queue, const std::string& key) {
  const std::optional<std::string> bytes = from_hex(key);
  if (!bytes || bytes->size() != kLeaseBytes) return false;
  db.query("DELETE FROM queue_messages WHERE lease = ? AND queue_number = ?")
      .bind_blob(*bytes)
      .bind(queue)
      .run();
  return db.changes() > 0;
}

void delete_message(Connection& db, std::int64_t number) {
  db.query("DELETE FROM queue_messages WHERE number = ?").bind(number).run();
}

Burial bury(Connection& db, const std::string& account_id, std::int64_t queue, const Taker& taker,
            const Takable& one, TimeMs now, std::int64_t most_bytes) {
  if (taker.dead_letter_queue.empty()) {
    delete_message(db, one.number);
    return Burial::dropped;
  }
  const std::optional<QueueRow> dead = find_queue_of_name(db, account_id, taker.dead_letter_queue);
  if (!dead || dead->number == queue || dead->taken + room_of(one.message.body.size()) > most_bytes)
    return Burial::none;
  drop_expired(db, dead->number, now);
  put_message(db, *dead, {one.message.id, one.message.body, one.message.type, 0}, now);
  delete_message(db, one.number);
  return Burial::buried;
}

}  // namespace kiln::store::sqlite
