#include <utility>

#include "store/sqlite/event_names.h"
#include "store/sqlite/queue_rows.h"
#include "store/sqlite/queue_store.h"

namespace kiln::store::sqlite {
namespace {

model::EventSubscription subscription_at(const Query& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          row.integer(3) != 0,
          row.text(4),
          row.text(5),
          events_from_json(row.view(6)),
          row.integer(7),
          row.integer(8)};
}

tl::unexpected<Error> no_subscription() {
  return fail(Errc::not_found,
              "the account has no such event subscription; GET "
              "/accounts/{account_id}/event_subscriptions/subscriptions "
              "lists those it has",
              "subscription_id");
}

tl::unexpected<Error> no_destination() {
  return fail(
      Errc::invalid,
      "destination.queue_id names no queue of this account; `wrangler queues list` shows those it has",
      "destination.queue_id");
}

}  // namespace

Status SqliteEventSubscriptionStore::add_subscription(const model::EventSubscription& subscription) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, subscription.account_id, subscription.queue_id);
    if (!queue) return no_destination();
    db.query(
          "INSERT INTO event_subscriptions (id, account_id, name, enabled, worker_name, queue_number, "
          "events_json, created_on, modified_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(subscription.id)
        .bind(subscription.account_id)
        .bind(subscription.name)
        .bind(subscription.enabled)
        .bind(subscription.worker_name)
        .bind(queue->number)
        .bind(events_to_json(subscription.events))
        .bind(subscription.created_on)
        .bind(subscription.modified_on)
        .run();
    return {};
  });
}

Result<Paged<model::EventSubscription>> SqliteEventSubscriptionStore::subscriptions(
    const std::string& account_id, const std::string& queue_id, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::EventSubscription>> {
    Paged<model::EventSubscription> out;
    const std::int64_t before = (std::int64_t{page.page} - 1) * page.per_page;
    if (queue_id.empty()) {
      Query count = db.query("SELECT count(*) FROM event_subscriptions WHERE account_id = ?");
      if (count.bind(account_id).step()) out.total = static_cast<std::size_t>(count.integer(0));
      Query rows = db.query(
          "SELECT s.id, s.account_id, s.name, s.enabled, s.worker_name, q.id, s.events_json, s.created_on, "
          "s.modified_on FROM event_subscriptions s CROSS JOIN queues q ON q.number = s.queue_number "
          "WHERE s.account_id = ? ORDER BY s.number DESC LIMIT ? OFFSET ?");
      rows.bind(account_id).bind(page.per_page).bind(before);
      while (rows.step()) out.items.push_back(subscription_at(rows));
      return out;
    }
    const std::optional<QueueRow> queue = find_queue(db, account_id, queue_id);
    if (!queue) return out;
    Query count = db.query("SELECT count(*) FROM event_subscriptions WHERE queue_number = ?");
    if (count.bind(queue->number).step()) out.total = static_cast<std::size_t>(count.integer(0));
    Query rows = db.query(
        "SELECT s.id, s.account_id, s.name, s.enabled, s.worker_name, q.id, s.events_json, s.created_on, "
        "s.modified_on FROM event_subscriptions s CROSS JOIN queues q ON q.number = s.queue_number "
        "WHERE s.queue_number = ? ORDER BY s.number DESC LIMIT ? OFFSET ?");
    rows.bind(queue->number).bind(page.per_page).bind(before);
    while (rows.step()) out.items.push_back(subscription_at(rows));
    return out;
  });
}

Result<model::EventSubscription> SqliteEventSubscriptionStore::subscription(const std::string& account_id,
                                                                            const std::string& id) {
  return database_.read([&](Connection& db) -> Result<model::EventSubscription> {
    Query row = db.query(
        "SELECT s.id, s.account_id, s.name, s.enabled, s.worker_name, q.id, s.events_json, s.created_on, "
        "s.modified_on FROM event_subscriptions s CROSS JOIN queues q ON q.number = s.queue_number "
        "WHERE s.id = ? AND s.account_id = ?");
    if (!row.bind(id).bind(account_id).step()) return no_subscription();
    return subscription_at(row);
  });
}

Status SqliteEventSubscriptionStore::change_subscription(const model::EventSubscription& subscription) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<QueueRow> queue = find_queue(db, subscription.account_id, subscription.queue_id);
    if (!queue) return no_destination();
    db.query(
          "UPDATE event_subscriptions SET name = ?, enabled = ?, queue_number = ?, events_json = ?, "
          "modified_on = ? WHERE id = ? AND account_id = ?")
        .bind(subscription.name)
        .bind(subscription.enabled)
        .bind(queue->number)
        .bind(events_to_json(subscription.events))
        .bind(subscription.modified_on)
        .bind(subscription.id)
        .bind(subscription.account_id)
        .run();
    if (db.changes() == 0) return no_subscription();
    return {};
  });
}

Status SqliteEventSubscriptionStore::delete_subscription(const std::string& account_id,
                                                         const std::string& id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM event_subscriptions WHERE id = ? AND account_id = ?")
        .bind(id)
        .bind(account_id)
        .run();
    if (db.changes() == 0) return no_subscription();
    return {};
  });
}

Result<std::vector<model::EventSubscription>> SqliteEventSubscriptionStore::listening_subscriptions(
    const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::EventSubscription>> {
    std::vector<model::EventSubscription> out;
    Query rows = db.query(
        "SELECT s.id, s.account_id, s.name, s.enabled, s.worker_name, q.id, s.events_json, s.created_on, "
        "s.modified_on FROM event_subscriptions s INDEXED BY event_subscriptions_listening "
        "CROSS JOIN queues q ON q.number = s.queue_number WHERE s.account_id = ? AND s.enabled = 1");
    rows.bind(account_id);
    while (rows.step()) out.push_back(subscription_at(rows));
    return out;
  });
}

}  // namespace kiln::store::sqlite
