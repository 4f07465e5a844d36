#include "store/sqlite/queue_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/queue_store.h"
#include "store/sqlite/queue_rows.h"

namespace kiln::store::sqlite {
namespace {

struct NumberedQueue {
  std::int64_t number = 0;
  model::MessageQueue queue;
};

NumberedQueue numbered_queue(const Query& row) {
  return {row.integer(0),
          {row.text(1),
           row.text(2),
           row.text(3),
           {row.integer(4), row.integer(5), row.integer(6) != 0},
           row.integer(7),
           row.integer(8)}};
}

std::vector<model::QueueConsumer> consumers_of(Connection& db, std::int64_t queue) {
  std::vector<model::QueueConsumer> out;
  Query rows = db.query(
      "SELECT id, batch_size, max_retries, visibility_ms, retry_delay, dead_letter_queue, created_on "
      "FROM queue_consumers WHERE queue_number = ?");
  rows.bind(queue);
  while (rows.step()) {
    out.push_back({rows.text(0), static_cast<int>(rows.integer(1)), static_cast<int>(rows.integer(2)),
                   rows.integer(3), rows.integer(4), rows.text(5), rows.integer(6)});
  }
  return out;
}

QueueView view_of(Connection& db, NumberedQueue queue) {
  return {std::move(queue.queue), consumers_of(db, queue.number)};
}

tl::unexpected<Error> queue_name_taken(const std::string& name) {
  return fail(Errc::conflict,
              fmt::format("the account has a queue named {} already; choose another name", name),
              "queue_name");
}

Status check_dead_letters(Connection& db, const std::string& account_id, std::int64_t queue,
                          const std::string& name) {
  if (name.empty()) return {};
  const std::optional<QueueRow> dead = find_queue_of_name(db, account_id, name);
  if (dead && dead->number == queue)
    return fail(Errc::invalid,
                "dead_letter_queue: a queue cannot take its own dead letters; name another one",
                "dead_letter_queue");
  if (dead) return {};
  return fail(Errc::invalid,
              fmt::format("dead_letter_queue: the account has no queue named {}; create it first", name),
              "dead_letter_queue");
}

std::int64_t count_of_queues(Connection& db, const std::string& account_id) {
  Query count = db.query("SELECT count(*) FROM queues WHERE account_id = ?");
  return count.bind(account_id).step() ? count.integer(0) : 0;
}

}  // namespace

Status SqliteQueueStore::add_queue(const model::MessageQueue& queue) {
  return database_.write([&](Connection& db) -> Status {
    if (find_queue_of_name(db, queue.account_id, queue.name)) return queue_name_taken(queue.name);
    if (count_of_queues(db, queue.account_id) >= model::kMostQueues)
      return fail(Errc::conflict,
                  fmt::format("the account has {} queues, the most there may be", model::kMostQueues),
                  "queue_name");
    db.query(
          "INSERT INTO queues (id, account_id, name, delivery_delay, retention, paused, created_on, "
          "modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(queue.id)
        .bind(queue.account_id)
        .bind(queue.name)
        .bind(queue.settings.delivery_delay_s)
        .bind(queue.settings.retention_s)
        .bind(queue.settings.paused)
        .bind(queue.created_on)
        .bind(queue.modified_on)
        .run();
    return {};
  });
}

Result<Paged<QueueView>> SqliteQueueStore::queues(const std::string& account_id,
                                                  const std::vector<std::string>& names, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<QueueView>> {
    Paged<QueueView> out;
    const std::int64_t before = (std::int64_t{page.page} - 1) * page.per_page;
    if (!names.empty()) {
      std::vector<NumberedQueue> found;
      for (const std::string& name : names) {
        Query row = db.query(
            "SELECT number, id, account_id, name, delivery_delay, retention, paused, created_on, modified_on "
            "FROM queues WHERE account_id = ? AND name = ?");
        if (row.bind(account_id).bind(name).step()) found.push_back(numbered_queue(row));
      }
      out.total = found.size();
      for (std::size_t i = static_cast<std::size_t>(before);
           i < found.size() && out.items.size() < static_cast<std::size_t>(page.per_page); ++i)
        out.items.push_back(view_of(db, found[i]));
      return out;
    }
    out.total = static_cast<std::size_t>(count_of_queues(db, account_id));
    Query rows = db.query(
        "SELECT number, id, account_id, name, delivery_delay, retention, paused, created_on, modified_on "
        "FROM queues WHERE account_id = ? ORDER BY number LIMIT ? OFFSET ?");
    rows.bind(account_id).bind(page.per_page).bind(before);
    while (rows.step()) out.items.push_back(view_of(db, numbered_queue(rows)));
    return out;
  });
}

Result<QueueView> SqliteQueueStore::queue(const std::string& account_id, const std::string& id) {
  return database_.read([&](Connection& db) -> Result<QueueView> {
    Query row = db.query(
        "SELECT number, id, account_id, name, delivery_delay, retention, paused, created_on, modified_on "
        "FROM queues WHERE id = ? AND account_id = ?");
    if (!row.bind(id).bind(account_id).step()) return no_queue();
    return view_of(db, numbered_queue(row));
  });
}

Status SqliteQueueStore::change_queue(const model::MessageQueue& queue) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> found = find_queue(db, queue.account_id, queue.id);
    if (!found) return no_queue();
    const std::optional<QueueRow> named = find_queue_of_name(db, queue.account_id, queue.name);
    if (named && named->number != found->number) return queue_name_taken(queue.name);
    db.query(
          "UPDATE queues SET name = ?, delivery_delay = ?, retention = ?, paused = ?, modified_on = ? "
          "WHERE number = ?")
        .bind(queue.name)
        .bind(queue.settings.delivery_delay_s)
        .bind(queue.settings.retention_s)
        .bind(queue.settings.paused)
        .bind(queue.modified_on)
        .bind(found->number)
        .run();
    return {};
  });
}

Status SqliteQueueStore::delete_queue(const std::string& account_id, const std::string& id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM queues WHERE id = ? AND account_id = ?").bind(id).bind(account_id).run();
    if (db.changes() == 0) return no_queue();
    return {};
  });
}

Status SqliteQueueStore::add_consumer(const std::string& account_id, const std::string& queue_id,
                                      const model::QueueConsumer& consumer) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    if (!consumers_of(db, queue->number).empty())
      return fail(Errc::conflict, "the queue has a consumer already: remove it first", "type");
    if (Status fine = check_dead_letters(db, account_id, queue->number, consumer.dead_letter_queue); !fine)
      return fine;
    db.query(
          "INSERT INTO queue_consumers (id, queue_number, kind, batch_size, max_retries, visibility_ms, "
          "retry_delay, dead_letter_queue, created_on) VALUES (?, ?, 'http_pull', ?, ?, ?, ?, ?, ?)")
        .bind(consumer.id)
        .bind(queue->number)
        .bind(consumer.batch_size)
        .bind(consumer.max_retries)
        .bind(consumer.visibility_ms)
        .bind(consumer.retry_delay_s)
        .bind(consumer.dead_letter_queue)
        .bind(consumer.created_on)
        .run();
    return {};
  });
}

Status SqliteQueueStore::change_consumer(const std::string& account_id, const std::string& queue_id,
                                         const model::QueueConsumer& consumer) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    if (Status fine = check_dead_letters(db, account_id, queue->number, consumer.dead_letter_queue); !fine)
      return fine;
    db.query(
          "UPDATE queue_consumers SET batch_size = ?, max_retries = ?, visibility_ms = ?, retry_delay = ?, "
          "dead_letter_queue = ? WHERE id = ? AND queue_number = ?")
        .bind(consumer.batch_size)
        .bind(consumer.max_retries)
        .bind(consumer.visibility_ms)
        .bind(consumer.retry_delay_s)
        .bind(consumer.dead_letter_queue)
        .bind(consumer.id)
        .bind(queue->number)
        .run();
    if (db.changes() == 0) return no_such_consumer();
    return {};
  });
}

Status SqliteQueueStore::delete_consumer(const std::string& account_id, const std::string& queue_id,
                                         const std::string& id) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    db.query("DELETE FROM queue_consumers WHERE id = ? AND queue_number = ?")
        .bind(id)
        .bind(queue->number)
        .run();
    if (db.changes() == 0) return no_such_consumer();
    return {};
  });
}

}  // namespace kiln::store::sqlite
