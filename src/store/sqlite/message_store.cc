#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "store/sqlite/queue_rows.h"
#include "store/sqlite/queue_store.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kLeaseBytes = 16;
// A pull that finds nothing but messages that were handed out too often looks so many times.
constexpr int kMostLooks = 20;
// What cannot be buried stands in nobody's way for so long.
constexpr TimeMs kUnburiedMs = 60'000;

struct Puller {
  int batch_size = 0;
  int max_retries = 0;
  TimeMs visibility_ms = 0;
  std::int64_t retry_delay_s = 0;
  std::string dead_letter_queue;
};

struct Takable {
  std::int64_t number = 0;
  QueuedMessage message;
};

std::optional<Puller> puller_of(Connection& db, std::int64_t queue) {
  Query row = db.query(
      "SELECT batch_size, max_retries, visibility_ms, retry_delay, dead_letter_queue FROM queue_consumers "
      "WHERE queue_number = ? AND kind = 'http_pull'");
  if (!row.bind(queue).step()) return std::nullopt;
  return Puller{static_cast<int>(row.integer(0)), static_cast<int>(row.integer(1)), row.integer(2),
                row.integer(3), row.text(4)};
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

void delete_message(Connection& db, std::int64_t number) {
  db.query("DELETE FROM queue_messages WHERE number = ?").bind(number).run();
}

// To the dead letter queue, or away where none was named. False where the one that was named is gone, or has
// come to be this one by a new name: the message stays.
bool bury(Connection& db, const std::string& account_id, std::int64_t queue, const Puller& puller,
          const Takable& one, TimeMs now) {
  if (!puller.dead_letter_queue.empty()) {
    const std::optional<QueueRow> dead = find_queue_of_name(db, account_id, puller.dead_letter_queue);
    if (!dead || dead->number == queue) return false;
    drop_expired(db, dead->number, now);
    put_message(db, *dead, {one.message.id, one.message.body, one.message.type, 0}, now);
  }
  delete_message(db, one.number);
  return true;
}

void give_back(Connection& db, std::int64_t number, TimeMs visible_on) {
  db.query("UPDATE queue_messages SET lease = NULL, visible_on = ? WHERE number = ?")
      .bind(visible_on)
      .bind(number)
      .run();
}

void lease(Connection& db, Takable& one, const std::string& key, TimeMs until) {
  db.query("UPDATE queue_messages SET attempts = attempts + 1, lease = ?, visible_on = ? WHERE number = ?")
      .bind_blob(key)
      .bind(until)
      .bind(one.number)
      .run();
  ++one.message.attempts;
  one.message.lease = to_hex(key);
}

// The message that is leased so.
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

}  // namespace

Result<Backlog> SqliteMessageStore::send(const std::string& account_id, const std::string& queue_id,
                                         const std::vector<NewMessage>& messages) {
  return database_.write([&](Connection& db) -> Result<Backlog> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    const TimeMs now = database_.now();
    drop_expired(db, queue->number, now);
    for (const NewMessage& message : messages) put_message(db, *queue, message, now);
    return backlog_of(db, queue->number);
  });
}

Result<Pulled> SqliteMessageStore::pull(const std::string& account_id, const std::string& queue_id,
                                        std::optional<int> most, std::optional<TimeMs> visibility_ms) {
  return database_.write([&](Connection& db) -> Result<Pulled> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    const std::optional<Puller> puller = puller_of(db, queue->number);
    if (!puller)
      return fail(Errc::conflict,
                  "nobody may pull from this queue: it has no consumer of type http_pull; add one with "
                  "`wrangler queues consumer http add`",
                  "queue_id");
    const TimeMs now = database_.now();
    drop_expired(db, queue->number, now);
    Pulled out;
    const auto wanted = static_cast<std::size_t>(most.value_or(puller->batch_size));
    const TimeMs until = now + visibility_ms.value_or(puller->visibility_ms);
    for (int look = 0; look < kMostLooks && !queue->settings.paused && out.messages.size() < wanted; ++look) {
      const int missing = static_cast<int>(wanted - out.messages.size());
      std::vector<Takable> found = takable(db, queue->number, now, missing);
      for (Takable& one : found) {
        if (one.message.attempts > puller->max_retries) {
          if (!bury(db, account_id, queue->number, *puller, one, now))
            give_back(db, one.number, now + kUnburiedMs);
          continue;
        }
        lease(db, one, entropy_.bytes(kLeaseBytes), until);
        out.messages.push_back(std::move(one.message));
      }
      if (found.size() < static_cast<std::size_t>(missing)) break;
    }
    out.backlog = backlog_of(db, queue->number);
    return out;
  });
}

Result<Acknowledged> SqliteMessageStore::acknowledge(const std::string& account_id,
                                                     const std::string& queue_id,
                                                     const std::vector<std::string>& done,
                                                     const std::vector<GivenBack>& given_back) {
  return database_.write([&](Connection& db) -> Result<Acknowledged> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    const Puller puller = puller_of(db, queue->number).value_or(Puller{1, model::kMostRetries, 0, 0, {}});
    const TimeMs now = database_.now();
    Acknowledged out;
    for (const std::string& key : done) {
      const std::optional<Takable> one = leased(db, queue->number, key);
      if (one) {
        delete_message(db, one->number);
        ++out.done;
      } else {
        out.unknown.push_back(key);
      }
    }
    for (const GivenBack& back : given_back) {
      const std::optional<Takable> one = leased(db, queue->number, back.lease);
      if (!one) {
        out.unknown.push_back(back.lease);
        continue;
      }
      ++out.given_back;
      if (one->message.attempts > puller.max_retries &&
          bury(db, account_id, queue->number, puller, *one, now))
        continue;
      give_back(db, one->number, now + back.delay_s.value_or(puller.retry_delay_s) * 1'000);
    }
    return out;
  });
}

Result<std::vector<QueuedMessage>> SqliteMessageStore::peek(const std::string& account_id,
                                                            const std::string& queue_id, int most) {
  return database_.read([&](Connection& db) -> Result<std::vector<QueuedMessage>> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    std::vector<QueuedMessage> out;
    for (Takable& one : takable(db, queue->number, database_.now(), most))
      out.push_back(std::move(one.message));
    return out;
  });
}

Status SqliteMessageStore::remove(const std::string& account_id, const std::string& queue_id,
                                  const std::vector<Uuid>& ids) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    for (const Uuid& id : ids) {
      db.query("DELETE FROM queue_messages WHERE queue_number = ? AND id = ?")
          .bind(queue->number)
          .bind(id)
          .run();
    }
    return {};
  });
}

Result<Backlog> SqliteMessageStore::backlog(const std::string& account_id, const std::string& queue_id) {
  return database_.read([&](Connection& db) -> Result<Backlog> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    return backlog_of(db, queue->number);
  });
}

Status SqliteMessageStore::purge(const std::string& account_id, const std::string& queue_id) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    db.query("DELETE FROM queue_messages WHERE queue_number = ?").bind(queue->number).run();
    db.query("UPDATE queues SET purged_on = ? WHERE number = ?")
        .bind(database_.now())
        .bind(queue->number)
        .run();
    return {};
  });
}

Result<std::optional<TimeMs>> SqliteMessageStore::purged_on(const std::string& account_id,
                                                            const std::string& queue_id) {
  return database_.read([&](Connection& db) -> Result<std::optional<TimeMs>> {
    Query row = db.query("SELECT purged_on FROM queues WHERE id = ? AND account_id = ?");
    if (!row.bind(queue_id).bind(account_id).step()) return no_queue();
    return row.maybe_integer(0);
  });
}

}  // namespace kiln::store::sqlite
