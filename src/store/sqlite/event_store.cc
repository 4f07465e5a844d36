#include "store/sqlite/event_store.h"

#include "base/strings.h"

namespace kiln::store::sqlite {
namespace {

std::int64_t last_number(Connection& db) {
  Query row = db.query("SELECT coalesce(max(number), 0) FROM account_events");
  return row.step() ? row.integer(0) : 0;
}

std::int64_t first_number(Connection& db) {
  Query row = db.query("SELECT coalesce(min(number), 0) FROM account_events");
  return row.step() ? row.integer(0) : 0;
}

}  // namespace

Result<AccountEvents> SqliteEventStore::events_after(const std::string& account_id, std::int64_t number) {
  return database_.read([&](Connection& db) -> Result<AccountEvents> {
    AccountEvents found;
    found.last = last_number(db);
    // A number that was never given comes from another database.
    found.gap = number > found.last || number + 1 < first_number(db);
    if (found.gap) return found;
    Query rows = db.query(
        "SELECT number, kind, subject FROM account_events WHERE account_id = ? AND number > ? ORDER BY "
        "number "
        "LIMIT ?");
    rows.bind(account_id).bind(number).bind(static_cast<std::int64_t>(kMostMissedEvents) + 1);
    while (rows.step()) {
      using Kind = AccountEvent::Kind;
      found.items.push_back({rows.integer(0), rows.view(1) == "build" ? Kind::build : Kind::deployment,
                             to_lower(rows.view(2))});
    }
    found.gap = found.items.size() > kMostMissedEvents;
    if (found.gap) found.items.clear();
    return found;
  });
}

Result<std::int64_t> SqliteEventStore::last_event() {
  return database_.read([](Connection& db) -> Result<std::int64_t> { return last_number(db); });
}

}  // namespace kiln::store::sqlite
