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
  std::int64_t backlog_count = 0;
  std::int64_t backlog_bytes = 0;
};

NumberedQueue numbered_queue(const Query& row) {
  return {row.integer(0),
          {row.text(1),
           row.text(2),
           row.text(3),
           {row.integer(4), row.integer(5), row.integer(6) != 0},
           row.integer(7),
           row.integer(8)},
          row.integer(9),
          row.integer(10)};
}

std::vector<model::QueueConsumer> consumers_of(Connection& db, std::int64_t queue) {
  std::vector<model::QueueConsumer> out;
  Query rows = db.query(
      "SELECT c.id, c.batch_size, c.max_retries, c.visibility_ms, c.retry_delay, c.dead_letter_queue, "
      "c.created_on, c.kind, c.worker_tag, coalesce(w.name, ''), c.max_wait_ms, c.max_concurrency FROM "
      "queue_consumers c LEFT JOIN workers w ON w.tag = c.worker_tag WHERE c.queue_number = ?");
  rows.bind(queue);
  while (rows.step()) {
    const std::optional<model::ConsumerKind> kind = model::parse_consumer_kind(rows.view(7));
    if (!kind) throw SqlError(SQLITE_CORRUPT, "a consumer's kind is damaged");
    out.push_back({rows.text(0), static_cast<int>(rows.integer(1)), static_cast<int>(rows.integer(2)),
                   rows.integer(3), rows.integer(4), rows.text(5), rows.integer(6), *kind, rows.text(8),
                   rows.text(9), rows.integer(10), static_cast<int>(rows.integer(11))});
  }
  return out;
}

// The tag of the consumer's Worker; empty where it is none.
Result<std::string> tag_of(Connection& db, const std::string& account_id,
                           const model::QueueConsumer& consumer) {
  if (consumer.kind != model::ConsumerKind::worker) return std::string();
  Query row = db.query("SELECT tag FROM workers WHERE account_id = ? AND name = ? AND deleted_on IS NULL");
  if (row.bind(account_id).bind(consumer.worker_name).step()) return row.text(0);
  return fail(Errc::worker_not_found,
              fmt::format("The account has no Worker {} that could consume the queue; deploy it first.",
                          consumer.worker_name),
              "script_name");
}

std::map<std::string, std::set<std::string>> producers_of(Connection& db, const std::string& account_id) {
  std::map<std::string, std::set<std::string>> out;
  Query rows = db.query(
      "SELECT w.name, json_extract(b.value, '$.queue_name') FROM workers w JOIN deployment_versions d ON "
      "d.deployment_number = (SELECT max(number) FROM deployments WHERE worker_tag = w.tag) JOIN versions v "
      "ON v.id = d.version_id AND instr(v.bindings_json, '\"queue_name\"') > 0 JOIN "
      "json_each(v.bindings_json) b WHERE w.account_id = ? AND w.deleted_on IS NULL AND "
      "json_extract(b.value, '$.type') = 'queue'");
  rows.bind(account_id);
  while (rows.step()) out[rows.text(1)].insert(rows.text(0));
  return out;
}

std::string in_words(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// The consumers of a queue that is gone or called otherwise would bury nothing any more.
std::optional<std::string> buries_there(Connection& db, const std::string& account_id,
                                        const std::string& name) {
  Query row = db.query(
      "SELECT q.name FROM queues q CROSS JOIN queue_consumers c ON c.queue_number = q.number WHERE "
      "q.account_id = ? AND c.dead_letter_queue = ? LIMIT 1");
  return row.bind(account_id).bind(name).step() ? std::optional(row.text(0)) : std::nullopt;
}

// Whether nobody needs the queue by its name.
Status check_unbound(Connection& db, const std::string& account_id, std::int64_t number,
                     const std::string& name, const char* wish) {
  const auto refuse = [&](const std::string& why) {
    return fail(Errc::conflict, fmt::format("the queue {} cannot be {}: {}", name, wish, why), "queue_id");
  };
  const auto all = producers_of(db, account_id);
  if (const auto found = all.find(name); found != all.end())
    return refuse("Workers are bound to it: " + in_words(found->second) +
                  "; deploy them without that binding first");
  for (const model::QueueConsumer& consumer : consumers_of(db, number)) {
    if (consumer.kind == model::ConsumerKind::worker)
      return refuse(fmt::format("the Worker {0} consumes it; first `wrangler queues consumer remove {1} {0}`",
                                consumer.worker_name, name));
  }
  if (const auto other = buries_there(db, account_id, name))
    return refuse("the consumer of the queue " + *other + " sends dead letters there; change that first");
  return {};
}

std::optional<std::string> name_of(Connection& db, const std::string& account_id, const std::string& id) {
  Query row = db.query("SELECT name FROM queues WHERE id = ? AND account_id = ?");
  if (!row.bind(id).bind(account_id).step()) return std::nullopt;
  return row.text(0);
}

QueueView view_of(Connection& db, NumberedQueue queue) {
  return {std::move(queue.queue), consumers_of(db, queue.number), queue.backlog_count, queue.backlog_bytes};
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

Result<std::string> SqliteQueueStore::id_of(const std::string& account_id, const std::string& name) {
  return database_.read([&](Connection& db) -> Result<std::string> {
    Query row = db.query("SELECT id FROM queues WHERE account_id = ? AND name = ?");
    if (!row.bind(account_id).bind(name).step()) return no_queue();
    return row.text(0);
  });
}

Result<std::map<std::string, std::set<std::string>>> SqliteQueueStore::producers(
    const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::map<std::string, std::set<std::string>>> {
    return producers_of(db, account_id);
  });
}

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
            "SELECT number, id, account_id, name, delivery_delay, retention, paused, created_on, "
            "modified_on, "
            "backlog_count, backlog_bytes FROM queues WHERE account_id = ? AND name = ?");
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
        "SELECT number, id, account_id, name, delivery_delay, retention, paused, created_on, modified_on, "
        "backlog_count, backlog_bytes FROM queues WHERE account_id = ? ORDER BY number LIMIT ? OFFSET ?");
    rows.bind(account_id).bind(page.per_page).bind(before);
    while (rows.step()) out.items.push_back(view_of(db, numbered_queue(rows)));
    return out;
  });
}

Result<QueueView> SqliteQueueStore::queue(const std::string& account_id, const std::string& id) {
  return database_.read([&](Connection& db) -> Result<QueueView> {
    Query row = db.query(
        "SELECT number, id, account_id, name, delivery_delay, retention, paused, created_on, modified_on, "
        "backlog_count, backlog_bytes FROM queues WHERE id = ? AND account_id = ?");
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
    if (!named) {
      const std::string name = name_of(db, queue.account_id, queue.id).value_or("");
      if (Status free = check_unbound(db, queue.account_id, found->number, name, "renamed"); !free)
        return free;
    }
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
    const std::optional<QueueRow> queue = find_queue(db, account_id, id);
    if (!queue) return no_queue();
    const std::string name = name_of(db, account_id, id).value_or("");
    if (Status free = check_unbound(db, account_id, queue->number, name, "deleted"); !free) return free;
    db.query("DELETE FROM queues WHERE number = ?").bind(queue->number).run();
    return {};
  });
}

Status SqliteQueueStore::add_consumer(const std::string& account_id, const std::string& queue_id,
                                      const model::QueueConsumer& consumer) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return no_queue();
    if (const auto there = consumers_of(db, queue->number); !there.empty())
      return fail(
          Errc::conflict,
          there[0].kind == model::ConsumerKind::worker
              ? fmt::format("the queue has a consumer already, the Worker {}: a queue has one; remove "
                            "that first",
                            there[0].worker_name)
              : "the queue has a consumer already, which pulls over HTTP: a queue has one; remove that "
                "first",
          "type");
    const Result<std::string> tag = tag_of(db, account_id, consumer);
    if (!tag) return tl::unexpected<Error>(tag.error());
    if (Status fine = check_dead_letters(db, account_id, queue->number, consumer.dead_letter_queue); !fine)
      return fine;
    db.query(
          "INSERT INTO queue_consumers (id, queue_number, kind, batch_size, max_retries, visibility_ms, "
          "retry_delay, dead_letter_queue, created_on, worker_tag, max_wait_ms, max_concurrency) VALUES (?, "
          "?, ?, "
          "?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(consumer.id)
        .bind(queue->number)
        .bind(to_string(consumer.kind))
        .bind(consumer.batch_size)
        .bind(consumer.max_retries)
        .bind(consumer.visibility_ms)
        .bind(consumer.retry_delay_s)
        .bind(consumer.dead_letter_queue)
        .bind(consumer.created_on)
        .bind(*tag)
        .bind(consumer.max_wait_ms)
        .bind(consumer.max_concurrency)
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
    const Result<std::string> tag = tag_of(db, account_id, consumer);
    if (!tag) return tl::unexpected<Error>(tag.error());
    db.query(
          "UPDATE queue_consumers SET kind = ?, worker_tag = ?, max_wait_ms = ?, max_concurrency = ?, "
          "batch_size = ?, max_retries = ?, visibility_ms = ?, retry_delay = ?, dead_letter_queue = ? WHERE "
          "id = ? AND queue_number = ?")
        .bind(to_string(consumer.kind))
        .bind(*tag)
        .bind(consumer.max_wait_ms)
        .bind(consumer.max_concurrency)
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
