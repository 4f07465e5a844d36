#include "store/sqlite/change_rows.h"

namespace kiln::store::sqlite {

void note_changed_build(Connection& db, const Uuid& id) {
  Query next = db.query("UPDATE change_numbers SET builds = builds + 1 WHERE only = 1 RETURNING builds");
  if (!next.step()) throw SqlError(SQLITE_CORRUPT, "the feed of changes has lost its numbers");
  const std::int64_t number = next.integer(0);
  next.run();
  db.query("INSERT INTO changed_builds (number, id) VALUES (?, ?)").bind(number).bind(id).run();
  db.query("DELETE FROM changed_builds WHERE number <= ?")
      .bind(number - static_cast<std::int64_t>(ChangedBuilds::kRemembered))
      .run();
}

ChangeNews read_changes(Connection& db, const Changes& known) {
  ChangeNews news;
  {
    Query row = db.query("SELECT triggers, tokens, routes, builds FROM change_numbers WHERE only = 1");
    if (!row.step()) throw SqlError(SQLITE_CORRUPT, "the feed of changes has lost its numbers");
    news.triggers = static_cast<std::uint64_t>(row.integer(0));
    news.tokens = static_cast<std::uint64_t>(row.integer(1));
    news.routes = static_cast<std::uint64_t>(row.integer(2));
    news.builds = static_cast<std::uint64_t>(row.integer(3));
  }
  const std::uint64_t seen = known.builds.count();
  if (news.builds == seen) return news;
  Query rows = db.query("SELECT id FROM changed_builds WHERE number > ? ORDER BY number");
  rows.bind(static_cast<std::int64_t>(seen));
  while (rows.step()) news.changed.push_back(rows.uuid(0));
  return news;
}

}  // namespace kiln::store::sqlite
