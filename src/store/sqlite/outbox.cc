#include "store/sqlite/outbox.h"

#include "base/hex.h"
#include "store/sqlite/queue_rows.h"
#include "store/sqlite/sink_store.h"
#include "store/sqlite/trace_store.h"

namespace kiln::store::sqlite {
namespace {

model::Happening move_at(const Query& row, int column) {
  const std::optional<model::Happening> move = model::parse_happening(row.view(column));
  if (!move) throw SqlError(SQLITE_CORRUPT, "a row of the outbox is damaged");
  return *move;
}

struct NumberedBuild {
  std::int64_t number = 0;
  std::string account_id;
  std::string worker_tag;
};

std::optional<NumberedBuild> find_build(Connection& db, const Uuid& build) {
  Query row = db.query("SELECT number, account_id, worker_tag FROM builds WHERE uuid = ?");
  if (!row.bind(build).step()) return std::nullopt;
  return NumberedBuild{row.integer(0), row.text(1), row.text(2)};
}

void make_due(Connection& db, const ReportWish& wish, const std::string& account_id, const char* kind,
              std::int64_t subject, TimeMs now) {
  db.query(
        "INSERT INTO reports (connection_uuid, account_id, kind, subject, host, wanted, due_on) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, max(?7, coalesce((SELECT rests_until FROM report_rests WHERE host "
        "= ?5), 0))) ON CONFLICT (connection_uuid, kind, subject) DO UPDATE SET "
        "host = excluded.host, wanted = max(wanted, excluded.wanted), "
        "attempts = iif(due_on IS NULL, 0, attempts), refusals = iif(due_on IS NULL, 0, refusals), "
        "due_on = iif(excluded.wanted > told, coalesce(due_on, excluded.due_on), due_on)")
      .bind(wish.connection)
      .bind(account_id)
      .bind(kind)
      .bind(subject)
      .bind(wish.host)
      .bind(wish.outbox_number)
      .bind(now)
      .run();
}

// The newest build of each Worker is what its row of the comment tells.
void list_build(Connection& db, const Uuid& connection, std::int64_t pull_request,
                const NumberedBuild& build) {
  db.query(
        "INSERT INTO pull_request_builds (connection_uuid, number, worker_tag, first_build, build_number) "
        "VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (connection_uuid, number, worker_tag) DO UPDATE SET "
        "build_number = max(build_number, excluded.build_number)")
      .bind(connection)
      .bind(pull_request)
      .bind(build.worker_tag)
      .bind(build.number)
      .run();
}

// Ids stand there as hex digits.
std::string detail_at(const Query& row, int column, model::Happening move) {
  std::string text = row.text(column);
  if (move == model::Happening::preview_ended || move == model::Happening::disk_low) return text;
  const std::optional<std::string> bytes = from_hex(text);
  const std::optional<Uuid> id = bytes ? Uuid::from_raw(*bytes) : std::nullopt;
  return id ? id->str() : text;
}

void put_event(Connection& db, const QueueWish& wish, TimeMs now) {
  const std::optional<QueueRow> queue = find_queue(db, wish.account_id, wish.queue_id);
  if (!queue) return;
  drop_expired(db, queue->number, now);
  put_message(db, *queue, {wish.message, wish.body, model::ContentType::json, std::nullopt}, now);
}

}  // namespace

Result<std::vector<OutboxRow>> SqliteOutbox::waiting(int most) {
  return database_.read([&](Connection& db) -> Result<std::vector<OutboxRow>> {
    std::vector<OutboxRow> out;
    const TimeMs now = database_.now();
    Query rows = db.query(
        "SELECT o.number, o.move, o.made_on, b.uuid, coalesce(b.account_id, o.account_id), "
        "  coalesce(b.worker_tag, o.worker_tag), c.uuid, coalesce(c.provider_type, ''), "
        "  (SELECT p.number FROM pull_requests p INDEXED BY pull_requests_url WHERE p.connection_uuid = "
        "c.uuid AND p.url = "
        "   b.pull_request_json ->> '$.url' AND p.head_branch <> '' AND (p.is_open = 1 OR EXISTS (SELECT 1 "
        "FROM "
        "   pull_request_builds l WHERE l.connection_uuid = p.connection_uuid AND l.number = p.number AND "
        "   l.worker_tag = b.worker_tag AND l.build_number = b.number))), "
        "  coalesce(b.unreported, 0), coalesce(w.name, ''), o.detail, "
        "  EXISTS (SELECT 1 FROM event_listeners l WHERE l.account_id = coalesce(b.account_id, "
        "o.account_id)) "
        "FROM outbox o LEFT JOIN builds b ON b.number = o.build_number "
        "LEFT JOIN triggers t ON t.uuid = b.trigger_uuid "
        "LEFT JOIN repo_connections c ON c.uuid = t.connection_uuid "
        "LEFT JOIN workers w ON w.tag = coalesce(b.worker_tag, o.worker_tag) ORDER BY o.number LIMIT ?");
    rows.bind(most);
    while (rows.step()) {
      OutboxRow row;
      row.number = rows.integer(0);
      row.move = move_at(rows, 1);
      row.made_on = rows.integer(2) == 0 ? now : rows.integer(2);
      row.build = rows.maybe_uuid(3).value_or(Uuid{});
      row.account_id = rows.text(4);
      row.worker_tag = rows.text(5);
      row.connection = rows.maybe_uuid(6).value_or(Uuid{});
      row.provider = rows.text(7);
      row.pull_request = rows.maybe_integer(8);
      row.unreported = rows.integer(9) != 0;
      row.worker_name = rows.text(10);
      row.detail = detail_at(rows, 11, row.move);
      row.listened = rows.integer(12) != 0;
      out.push_back(std::move(row));
    }
    return out;
  });
}

Result<int> SqliteOutbox::add_disk_low(std::uint64_t free_bytes) {
  return database_.write([&](Connection& db) -> Result<int> {
    db.query(
          "INSERT INTO outbox (build_number, move, made_on, account_id, detail) SELECT DISTINCT 0, ?, ?, "
          "account_id, ? FROM event_listeners")
        .bind(to_string(model::Happening::disk_low))
        .bind(database_.now())
        .bind(std::to_string(free_bytes))
        .run();
    return db.changes();
  });
}

Status SqliteOutbox::hand_on(std::int64_t up_to, const std::vector<ReportWish>& reports,
                             const EventWishes& events) {
  return database_.write([&](Connection& db) -> Status {
    const TimeMs now = database_.now();
    for (const ReportWish& wish : reports) {
      const std::optional<NumberedBuild> build = find_build(db, wish.build);
      if (!build) continue;
      if (wish.of_build) make_due(db, wish, build->account_id, "build", build->number, now);
      if (!wish.pull_request) continue;
      list_build(db, wish.connection, *wish.pull_request, *build);
      make_due(db, wish, build->account_id, "pull_request", *wish.pull_request, now);
    }
    for (const QueueWish& wish : events.queues) put_event(db, wish, now);
    for (const SinkWish& wish : events.sinks) put_sink_delivery(db, wish, now);
    for (const Uuid& build : events.traces) put_trace(db, build, now);
    db.query("DELETE FROM outbox WHERE number <= ?").bind(up_to).run();
    return {};
  });
}

}  // namespace kiln::store::sqlite
