#include <utility>

#include "store/sqlite/message_rows.h"
#include "store/sqlite/queue_store.h"

namespace kiln::store::sqlite {
Result<Backlog> SqliteMessageStore::send(const std::string& account_id, const std::string& queue_id,
                                         const std::vector<NewMessage>& messages) {
  return database_.write([&](Connection& db) -> Result<Backlog> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    const TimeMs now = database_.now();
    drop_expired(db, queue->number, now);
    std::int64_t taken = queue->taken;
    for (const NewMessage& message : messages) taken += room_of(message.body.size());
    if (taken > most_bytes_)
      return fail(Errc::disk_full,
                  "the queue holds as many messages as it may (workers.queue_size in the server's settings): "
                  "take some out, or purge it",
                  "queue_id");
    for (const NewMessage& message : messages) put_message(db, *queue, message, now);
    return backlog_of(db, queue->number);
  });
}

Result<Pulled> SqliteMessageStore::pull(const std::string& account_id, const std::string& queue_id,
                                        std::optional<int> most, std::optional<TimeMs> visibility_ms) {
  return database_.write([&](Connection& db) -> Result<Pulled> {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    const std::optional<Taker> puller = taker_of(db, queue->number);
    if (!puller || puller->kind != model::ConsumerKind::http_pull)
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
          const Burial burial = bury(db, account_id, queue->number, *puller, one, now, most_bytes_);
          if (burial == Burial::none) give_back(db, one.number, now + kUnburiedMs);
          out.buried += burial == Burial::buried ? 1 : 0;
          continue;
        }
        lease(db, entropy_, one, until);
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
    const Taker taker = taker_of(db, queue->number).value_or(Taker{});
    const TimeMs now = database_.now();
    Acknowledged out;
    for (const std::string& key : done) {
      if (delete_leased(db, queue->number, key)) {
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
      const Burial burial = one->message.attempts > taker.max_retries
                                ? bury(db, account_id, queue->number, taker, *one, now, most_bytes_)
                                : Burial::none;
      if (burial == Burial::none)
        give_back(db, one->number, now + back.delay_s.value_or(taker.retry_delay_s) * 1'000);
      out.buried += burial == Burial::buried ? 1 : 0;
      out.dropped += burial == Burial::dropped ? 1 : 0;
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
