#include "store/sqlite/batch_store.h"

#include <algorithm>

#include "base/hex.h"
#include "store/sqlite/message_rows.h"

namespace kiln::store::sqlite {
namespace {

// The queue as its consumer's Worker takes it; nothing when none does, or it is paused.
struct Consumed {
  QueueRow row;
  ConsumedQueue queue;
  Taker taker;
};

std::optional<Consumed> consumed_queue(Connection& db, const std::string& account_id, const std::string& id) {
  const std::optional<QueueRow> row = find_queue(db, account_id, id);
  if (!row || row->settings.paused) return std::nullopt;
  std::optional<Taker> taker = taker_of(db, row->number);
  if (!taker || taker->kind != model::ConsumerKind::worker) return std::nullopt;
  Query query = db.query(
      "SELECT q.name, w.tag, w.name, c.max_concurrency FROM queue_consumers c JOIN queues q ON q.number = "
      "c.queue_number JOIN workers w ON w.tag = c.worker_tag WHERE c.queue_number = ? AND w.deleted_on IS "
      "NULL");
  if (!query.bind(row->number).step()) return std::nullopt;
  return Consumed{
      *row,
      {account_id, id, query.text(0), query.text(1), query.text(2), static_cast<int>(query.integer(3))},
      std::move(*taker)};
}

// The messages at a queue's head, and when they are a batch.
struct Head {
  int count = 0;      // of those that fit
  TimeMs due_on = 0;  // when they are due, however few they are
  bool any = false;   // there is one at least
  bool full = false;  // no other one fits
};

Head head_of(Connection& db, const Consumed& queue, TimeMs now) {
  Head out;
  std::int64_t bytes = 0;
  Query rows = db.query(
      "SELECT visible_on, attempts, length(body) FROM queue_messages WHERE queue_number = ? AND visible_on "
      "<= ? AND expires_on > ? ORDER BY visible_on, number LIMIT ?");
  rows.bind(queue.row.number).bind(now).bind(now).bind(queue.taker.batch_size);
  while (rows.step()) {
    bytes += rows.integer(2);
    if (out.any && bytes > static_cast<std::int64_t>(BatchStore::kLargestBatch)) {
      out.full = true;
      break;
    }
    if (!out.any) out.due_on = rows.integer(0) + queue.taker.max_wait_ms;
    if (rows.integer(1) > 0) out.due_on = now;
    out.any = true;
    ++out.count;
  }
  out.full = out.full || out.count == queue.taker.batch_size;
  return out;
}

std::optional<TimeMs> next_visible(Connection& db, std::int64_t queue, TimeMs now) {
  Query row = db.query(
      "SELECT visible_on FROM queue_messages WHERE queue_number = ? AND visible_on > ? ORDER BY visible_on, "
      "number LIMIT 1");
  if (!row.bind(queue).bind(now).step()) return std::nullopt;
  return row.integer(0);
}

bool has_expired(Connection& db, std::int64_t queue, TimeMs now) {
  Query row = db.query("SELECT 1 FROM queue_messages WHERE queue_number = ? AND expires_on <= ? LIMIT 1");
  return row.bind(queue).bind(now).step();
}

}  // namespace

Result<std::vector<ConsumedQueue>> SqliteBatchStore::consumed() {
  return database_.read([](Connection& db) -> Result<std::vector<ConsumedQueue>> {
    std::vector<ConsumedQueue> out;
    Query rows = db.query(
        "SELECT q.account_id, q.id, q.name, w.tag, w.name, c.max_concurrency FROM queue_consumers c INDEXED "
        "BY queue_consumers_workers JOIN queues q ON q.number = c.queue_number JOIN workers w ON w.tag = "
        "c.worker_tag WHERE c.kind = 'worker' AND q.paused = 0 AND w.deleted_on IS NULL");
    while (rows.step())
      out.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                     static_cast<int>(rows.integer(5))});
    return out;
  });
}

Result<std::optional<TimeMs>> SqliteBatchStore::next_batch(const std::string& account_id,
                                                           const std::string& queue_id) {
  return database_.read([&](Connection& db) -> Result<std::optional<TimeMs>> {
    const std::optional<Consumed> queue = consumed_queue(db, account_id, queue_id);
    if (!queue) return std::nullopt;
    const TimeMs now = database_.now();
    const Head head = head_of(db, *queue, now);
    if (head.full || has_expired(db, queue->row.number, now)) return 0;  // take() drops those first
    std::optional<TimeMs> next = next_visible(db, queue->row.number, now);
    if (head.any) next = std::min(next.value_or(head.due_on), head.due_on);
    if (next) *next = std::max<TimeMs>(*next - now, 0);
    return next;
  });
}

Result<Taken> SqliteBatchStore::take(const std::string& account_id, const std::string& queue_id,
                                     TimeMs lease_ms) {
  return database_.write([&](Connection& db) -> Result<Taken> {
    Taken taken;
    std::optional<Consumed> queue = consumed_queue(db, account_id, queue_id);
    if (!queue) return taken;
    const TimeMs now = database_.now();
    const std::int64_t number = queue->row.number;
    drop_expired(db, number, now);
    Batch out;
    for (int look = 0; look < kMostLooks && out.messages.empty(); ++look) {
      const Head head = head_of(db, *queue, now);
      if (!head.any || (!head.full && head.due_on > now)) return taken;
      for (Takable& one : takable(db, number, now, head.count)) {
        // Its last lease ended without a word.
        if (one.message.attempts > queue->taker.max_retries) {
          const Burial burial = bury(db, account_id, number, queue->taker, one, now, most_bytes_);
          if (burial == Burial::none) give_back(db, one.number, now + kUnburiedMs);
          taken.buried += burial == Burial::buried ? 1 : 0;
          continue;
        }
        lease(db, entropy_, one, now + lease_ms);
        out.messages.push_back(std::move(one.message));
      }
    }
    if (out.messages.empty()) return taken;
    out.backlog = backlog_of(db, number);
    out.queue = std::move(queue->queue);
    taken.batch = std::move(out);
    return taken;
  });
}

Status SqliteBatchStore::put_back(const std::string& account_id, const std::string& queue_id,
                                  const std::vector<std::string>& leases) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return {};
    for (const std::string& lease : leases) {
      const std::optional<std::string> key = from_hex(lease);
      db.query(
            "UPDATE queue_messages SET lease = NULL, attempts = attempts - 1, visible_on = sent_on WHERE "
            "lease = ? AND queue_number = ?")
          .bind_blob(key.value_or(""))
          .bind(queue->number)
          .run();
    }
    return {};
  });
}

Status SqliteBatchStore::put_back_all() {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE queue_messages SET lease = NULL, attempts = attempts - 1, visible_on = sent_on WHERE lease "
          "IS NOT NULL AND queue_number IN (SELECT queue_number FROM queue_consumers "
          "WHERE "
          "kind = 'worker')")
        .run();
    return {};
  });
}

}  // namespace kiln::store::sqlite
