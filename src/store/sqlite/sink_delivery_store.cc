#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "store/sqlite/sink_store.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kTrimmedAtOnce = 50;
// Of so many rows one looks whether too many wait, which takes a walk along those that do.
constexpr int kLookedAfterEach = 20;
constexpr std::size_t kKeptAnswer = 1'024;

std::string kept_text(const std::string& text) {
  return to_valid_utf8(text.substr(0, kKeptAnswer));
}

model::SinkDelivery delivery_at(const Query& row, int first) {
  model::SinkDelivery out;
  out.uuid = row.uuid(first);
  if (!row.view(first + 1).empty()) out.build = row.uuid(first + 1);
  out.event = row.text(first + 2);
  out.body = row.text(first + 3);
  const std::optional<model::DeliveryState> state = model::parse_delivery_state(row.view(first + 4));
  if (!state) throw SqlError(SQLITE_CORRUPT, "a stored delivery is damaged");
  out.state = *state;
  out.made_on = row.integer(first + 5);
  out.due_on = row.maybe_integer(first + 6);
  out.tried_on = row.maybe_integer(first + 7);
  out.attempts = static_cast<int>(row.integer(first + 8));
  out.status = static_cast<int>(row.integer(first + 9));
  out.answer = row.text(first + 10);
  out.error = row.text(first + 11);
  return out;
}

struct NumberedSink {
  std::int64_t number = 0;
  bool enabled = false;
};

std::optional<NumberedSink> numbered_sink(Connection& db, const std::string& account_id, const Uuid& uuid) {
  Query row = db.query("SELECT number, enabled FROM sinks WHERE uuid = ? AND account_id = ?");
  if (!row.bind(uuid).bind(account_id).step()) return std::nullopt;
  return NumberedSink{row.integer(0), row.integer(1) != 0};
}

tl::unexpected<Error> sink_is_off() {
  return fail(Errc::conflict, "the sink is off: `kiln sinks enable NAME` sends to it again", "sink_uuid");
}

void trim_deliveries(Connection& db, std::int64_t sink) {
  db.query(
        "DELETE FROM sink_deliveries WHERE number IN (SELECT number FROM sink_deliveries INDEXED BY "
        "sink_deliveries_over WHERE sink_number = ? AND due_on IS NULL ORDER BY number DESC LIMIT ? OFFSET "
        "?)")
      .bind(sink)
      .bind(kTrimmedAtOnce)
      .bind(kMostSinkDeliveries)
      .run();
}

void park_oldest(Connection& db, std::int64_t sink) {
  db.query(
        "UPDATE sink_deliveries SET state = 'parked', due_on = NULL, error = 'too many waited' WHERE number "
        "IN "
        "(SELECT number FROM sink_deliveries INDEXED BY sink_deliveries_waiting WHERE sink_number = ? AND "
        "due_on IS NOT NULL ORDER BY number DESC LIMIT ? OFFSET ?)")
      .bind(sink)
      .bind(kTrimmedAtOnce)
      .bind(kMostWaitingDeliveries)
      .run();
}

void insert_delivery(Connection& db, std::int64_t sink, const SinkWish& wish, TimeMs now) {
  db.query(
        "INSERT INTO sink_deliveries (uuid, sink_number, subject, event, body, state, made_on, due_on) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, max(?7, (SELECT rests_until FROM sinks WHERE number = "
        "?2))) ON CONFLICT (uuid) DO NOTHING")
      .bind(wish.delivery)
      .bind(sink)
      .bind_blob(wish.build ? wish.build->raw() : std::string_view())
      .bind(wish.event)
      .bind(wish.body)
      .bind(wish.made_on)
      .bind(now)
      .run();
  if (db.last_row() % kLookedAfterEach == 0) park_oldest(db, sink);
  trim_deliveries(db, sink);
}

// Whether an event of that name, which no build had, waits.
bool is_waited_for(Connection& db, std::int64_t sink, const std::string& event) {
  Query row = db.query(
      "SELECT 1 FROM sink_deliveries INDEXED BY sink_deliveries_order WHERE sink_number = ? AND subject = "
      "x'' "
      "AND due_on IS NOT NULL AND event = ? LIMIT 1");
  return row.bind(sink).bind(event).step();
}

void note_try(Connection& db, std::int64_t number, model::DeliveryState state, std::optional<TimeMs> due_on,
              const SinkAnswer& answer, TimeMs now) {
  db.query(
        "UPDATE sink_deliveries SET state = ?, due_on = ?, tried_on = ?, attempts = attempts + 1, status = "
        "?, "
        "answer = ?, error = ? WHERE number = ?")
      .bind(to_string(state))
      .bind(due_on)
      .bind(now)
      .bind(answer.status)
      .bind(kept_text(answer.text))
      .bind(kept_text(answer.error))
      .bind(number)
      .run();
}

tl::unexpected<Error> no_such_delivery() {
  return fail(Errc::not_found,
              "the sink knows of no such delivery: `kiln sinks show` lists the newest; of those that are "
              "over 200 are kept",
              "delivery_uuid");
}

}  // namespace

tl::unexpected<Error> no_such_sink() {
  return fail(Errc::not_found, "the account has no such sink: `kiln sinks list` shows those it has",
              "sink_uuid");
}

void park_waiting(Connection& db, std::int64_t sink, const std::string& why) {
  db.query(
        "UPDATE sink_deliveries SET state = 'parked', due_on = NULL, error = ? WHERE sink_number = ? AND "
        "due_on IS NOT NULL")
      .bind(why)
      .bind(sink)
      .run();
}

void put_sink_delivery(Connection& db, const SinkWish& wish, TimeMs now) {
  std::int64_t number = 0;
  {
    Query row = db.query("SELECT number FROM sinks WHERE uuid = ? AND enabled = 1");
    if (!row.bind(wish.sink).step()) return;
    number = row.integer(0);
  }
  insert_delivery(db, number, wish, now);
}

Result<std::vector<SinkClock>> SqliteSinkDeliveryStore::sink_clocks() {
  return database_.read([&](Connection& db) -> Result<std::vector<SinkClock>> {
    std::vector<SinkClock> out;
    Query rows = db.query(
        "SELECT s.uuid, (SELECT min(d.due_on) FROM sink_deliveries d INDEXED BY sink_deliveries_due WHERE "
        "d.sink_number = s.number AND d.due_on IS NOT NULL AND (d.subject = x'' OR NOT EXISTS (SELECT 1 FROM "
        "sink_deliveries o INDEXED BY sink_deliveries_order WHERE o.sink_number = d.sink_number AND "
        "o.subject = d.subject AND o.due_on IS NOT NULL AND o.number < d.number))) FROM sinks s WHERE "
        "s.enabled = 1");
    while (rows.step()) {
      if (!rows.is_null(1)) out.push_back({rows.uuid(0), rows.integer(1)});
    }
    return out;
  });
}

Result<std::optional<DueDelivery>> SqliteSinkDeliveryStore::next_delivery(const Uuid& sink) {
  return database_.read([&](Connection& db) -> Result<std::optional<DueDelivery>> {
    Query row = db.query(
        "SELECT d.number, d.uuid, d.subject, d.event, d.body, d.state, d.made_on, d.due_on, d.tried_on, "
        "d.attempts, d.status, d.answer, d.error, s.uuid, s.account_id, s.name, s.kind, s.place, "
        "s.worker_name, s.events_json, s.outcomes, s.production_only, s.enabled, s.off_reason, s.created_on, "
        "s.modified_on FROM sinks s CROSS JOIN sink_deliveries d INDEXED BY sink_deliveries_due ON "
        "d.sink_number = s.number WHERE s.uuid = ? AND s.enabled = 1 AND d.due_on <= ? AND (d.subject = x'' "
        "OR NOT EXISTS (SELECT 1 FROM sink_deliveries o INDEXED BY sink_deliveries_order WHERE o.sink_number "
        "= d.sink_number AND o.subject = d.subject AND o.due_on IS NOT NULL AND o.number < d.number)) "
        "ORDER BY d.due_on, d.number LIMIT 1");
    if (!row.bind(sink).bind(database_.now()).step()) return std::nullopt;
    return DueDelivery{row.integer(0), sink_at(row, 13), delivery_at(row, 1)};
  });
}

Status SqliteSinkDeliveryStore::delivered(std::int64_t number, const SinkAnswer& answer) {
  return database_.write([&](Connection& db) -> Status {
    note_try(db, number, model::DeliveryState::delivered, std::nullopt, answer, database_.now());
    return {};
  });
}

Status SqliteSinkDeliveryStore::postpone_delivery(std::int64_t number, TimeMs wait_ms,
                                                  const SinkAnswer& answer) {
  return database_.write([&](Connection& db) -> Status {
    const TimeMs now = database_.now();
    note_try(db, number, model::DeliveryState::waiting, now + wait_ms, answer, now);
    return {};
  });
}

Status SqliteSinkDeliveryStore::rest_sink(const Uuid& sink, TimeMs wait_ms) {
  return database_.write([&](Connection& db) -> Status {
    Query row = db.query("UPDATE sinks SET rests_until = ? WHERE uuid = ? RETURNING number");
    const TimeMs until = database_.now() + wait_ms;
    if (!row.bind(until).bind(sink).step()) return {};
    const std::int64_t number = row.integer(0);
    row.run();
    db.query(
          "UPDATE sink_deliveries SET due_on = max(due_on, ?) WHERE sink_number = ? AND due_on IS NOT NULL")
        .bind(until)
        .bind(number)
        .run();
    return {};
  });
}

Status SqliteSinkDeliveryStore::park(std::int64_t number, const SinkAnswer& answer) {
  return database_.write([&](Connection& db) -> Status {
    note_try(db, number, model::DeliveryState::parked, std::nullopt, answer, database_.now());
    return {};
  });
}

Status SqliteSinkDeliveryStore::switch_off(std::int64_t number, const SinkAnswer& answer,
                                           const std::string& reason) {
  return database_.write([&](Connection& db) -> Status {
    const TimeMs now = database_.now();
    note_try(db, number, model::DeliveryState::parked, std::nullopt, answer, now);
    std::int64_t sink = 0;
    {
      Query row = db.query("SELECT sink_number FROM sink_deliveries WHERE number = ?");
      if (!row.bind(number).step()) return {};
      sink = row.integer(0);
    }
    park_waiting(db, sink, kept_text(reason));
    db.query("UPDATE sinks SET enabled = 0, off_reason = ?, modified_on = ? WHERE number = ?")
        .bind(kept_text(reason))
        .bind(now)
        .bind(sink)
        .run();
    return {};
  });
}

Result<Paged<model::SinkDelivery>> SqliteSinkDeliveryStore::deliveries(const std::string& account_id,
                                                                       const Uuid& sink, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::SinkDelivery>> {
    const std::optional<NumberedSink> found = numbered_sink(db, account_id, sink);
    if (!found) return no_such_sink();
    Paged<model::SinkDelivery> out;
    {
      Query row = db.query("SELECT count(*) FROM sink_deliveries WHERE sink_number = ?");
      if (row.bind(found->number).step()) out.total = static_cast<std::size_t>(row.integer(0));
    }
    Query rows = db.query(
        "SELECT uuid, subject, event, '', state, made_on, due_on, tried_on, attempts, status, answer, error "
        "FROM sink_deliveries WHERE sink_number = ? ORDER BY number DESC LIMIT ? OFFSET ?");
    rows.bind(found->number).bind(page.per_page).bind(std::int64_t{page.page - 1} * page.per_page);
    while (rows.step()) out.items.push_back(delivery_at(rows, 0));
    return out;
  });
}

Result<model::SinkDelivery> SqliteSinkDeliveryStore::delivery(const std::string& account_id, const Uuid& sink,
                                                              const Uuid& delivery) {
  return database_.read([&](Connection& db) -> Result<model::SinkDelivery> {
    const std::optional<NumberedSink> found = numbered_sink(db, account_id, sink);
    if (!found) return no_such_sink();
    Query row = db.query(
        "SELECT uuid, subject, event, body, state, made_on, due_on, tried_on, attempts, status, answer, "
        "error "
        "FROM sink_deliveries WHERE uuid = ? AND sink_number = ?");
    if (!row.bind(delivery).bind(found->number).step()) return no_such_delivery();
    return delivery_at(row, 0);
  });
}

Result<model::SinkDelivery> SqliteSinkDeliveryStore::send_again(const std::string& account_id,
                                                                const Uuid& sink, const Uuid& delivery) {
  return database_.write([&](Connection& db) -> Result<model::SinkDelivery> {
    const std::optional<NumberedSink> found = numbered_sink(db, account_id, sink);
    if (!found) return no_such_sink();
    std::int64_t number = 0;
    bool is_new = false;
    {
      Query row = db.query(
          "SELECT number, due_on IS NOT NULL AND attempts = 0 FROM sink_deliveries WHERE uuid = ? AND "
          "sink_number = ?");
      if (!row.bind(delivery).bind(found->number).step()) return no_such_delivery();
      number = row.integer(0);
      is_new = row.integer(1) != 0;
    }
    if (!found->enabled) return sink_is_off();
    if (is_new) return fail(Errc::conflict, "the delivery is on its way already", "delivery_uuid");
    db.query("UPDATE sink_deliveries SET state = 'waiting', due_on = ?, attempts = 0 WHERE number = ?")
        .bind(database_.now())
        .bind(number)
        .run();
    Query row = db.query(
        "SELECT uuid, subject, event, body, state, made_on, due_on, tried_on, attempts, status, answer, "
        "error "
        "FROM sink_deliveries WHERE number = ?");
    if (!row.bind(number).step()) throw SqlError(SQLITE_CORRUPT, "a delivery is gone");
    return delivery_at(row, 0);
  });
}

Status SqliteSinkDeliveryStore::add_delivery(const std::string& account_id, const Uuid& sink,
                                             const model::SinkDelivery& delivery) {
  return database_.write([&](Connection& db) -> Status {
    const std::optional<NumberedSink> found = numbered_sink(db, account_id, sink);
    if (!found) return no_such_sink();
    if (!found->enabled) return sink_is_off();
    if (!delivery.build && is_waited_for(db, found->number, delivery.event))
      return fail(Errc::conflict, "such an event is on its way to the sink already; see its deliveries",
                  "sink_uuid");
    const SinkWish wish{sink, delivery.uuid, delivery.build, delivery.event, delivery.body, delivery.made_on};
    insert_delivery(db, found->number, wish, database_.now());
    return {};
  });
}

}  // namespace kiln::store::sqlite
