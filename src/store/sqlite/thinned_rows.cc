#include "store/sqlite/thinned_rows.h"

#include <algorithm>

#include "store/sqlite/pages.h"

namespace kiln::store::sqlite {

Thinned load_thinned(Connection& db, const std::string& worker_tag, std::string_view what) {
  Query row = db.query("SELECT up_to, gone FROM thinned WHERE worker_tag = ? AND what = ?");
  if (!row.bind(worker_tag).bind(what).step()) return {};
  return {row.integer(0), row.integer(1)};
}

void add_thinned(Connection& db, const std::string& account_id, const std::string& worker_tag,
                 std::string_view what, const Thinned& more) {
  if (more.gone == 0) return;
  db.query(
        "INSERT INTO thinned (worker_tag, what, account_id, up_to, gone) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (worker_tag, what) DO UPDATE SET up_to = max(up_to, excluded.up_to), "
        "gone = gone + excluded.gone")
      .bind(worker_tag)
      .bind(what)
      .bind(account_id)
      .bind(more.up_to)
      .bind(more.gone)
      .run();
}

PagePlace place_of(const Page& page, std::int64_t last, const Thinned& thinned) {
  const std::int64_t newest = newest_of(page, static_cast<std::size_t>(last));
  if (newest > thinned.up_to) return {newest, 0};
  const std::int64_t up_to = std::min(last, thinned.up_to);
  return {up_to, up_to - newest};
}

}  // namespace kiln::store::sqlite
