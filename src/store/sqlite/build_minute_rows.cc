#include "store/sqlite/build_minute_rows.h"

#include <algorithm>

namespace kiln::store::sqlite {

model::BuildMinutes load_build_minutes(Connection& db, const std::string& account_id, TimeMs now) {
  model::BuildMinutes out;
  out.month = model::month_of(now);
  Query row = db.query(
      "SELECT build_minutes, "
      "  coalesce((SELECT used_ms FROM build_time WHERE account_id = ?1 AND month = ?2), 0), "
      "  coalesce((SELECT sum(max(0, ?3 - initializing_on)) FROM builds INDEXED BY builds_leased "
      "            WHERE account_id = ?1 AND lease_until IS NOT NULL), 0) "
      "FROM accounts WHERE id = ?1");
  if (!row.bind(account_id).bind(out.month.begin).bind(now).step()) return out;
  out.quota = row.maybe_integer(0);
  out.used_ms = row.integer(1) + row.integer(2);
  return out;
}

void add_build_time(Connection& db, const std::string& account_id, TimeMs stopped_on, TimeMs held_ms) {
  db.query(
        "INSERT INTO build_time (account_id, month, used_ms) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (account_id, month) DO UPDATE SET used_ms = used_ms + ?3")
      .bind(account_id)
      .bind(model::month_of(stopped_on).begin)
      .bind(std::max<TimeMs>(held_ms, 0))
      .run();
}

}  // namespace kiln::store::sqlite
