#include <vector>

#include "store/sqlite/delivery_rows.h"
#include "store/sqlite/upkeep/thinning.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kDeliveriesAtOnce = 100;

}  // namespace

// With each goes the key by which it would be known if it came again.
void thin_deliveries(Connection& db, const std::string& account_id, PruneWish& wish, PruneCursor& cursor,
                     TimeMs now, PruneStep& step) {
  std::int64_t newest = 0;
  {
    Query row = db.query("SELECT coalesce(max(ordinal), 0) FROM deliveries WHERE account_id = ?");
    if (row.bind(account_id).step()) newest = row.integer(0);
  }
  struct Old {
    std::int64_t number;
    std::int64_t ordinal;
    std::string provider;
    std::string key;
  };
  std::vector<Old> gone;
  {
    Query rows = db.query(
        "SELECT number, ordinal, provider, delivery_key FROM deliveries WHERE account_id = ?1 AND ordinal >= "
        "?2 "
        "AND (received_on < ?3 OR ordinal <= ?4) ORDER BY ordinal LIMIT ?5");
    rows.bind(account_id)
        .bind(cursor.after)
        .bind(too_old_before(now, wish.keep.delivery_days))
        .bind(wish.keep.deliveries == 0 ? std::int64_t{-1} : newest - wish.keep.deliveries)
        .bind(wish.trial ? -1 : kDeliveriesAtOnce);
    while (rows.step()) gone.push_back({rows.integer(0), rows.integer(1), rows.text(2), rows.text(3)});
  }
  step.gone = static_cast<std::int64_t>(gone.size());
  cursor.inside = !wish.trial && gone.size() == static_cast<std::size_t>(kDeliveriesAtOnce);
  if (wish.trial) return;
  for (const Old& one : gone) {
    drop_delivery(db, one.number);
    if (one.key.empty()) continue;
    db.query("DELETE FROM hook_deliveries WHERE provider = ? AND delivery_id = ?")
        .bind(one.provider)
        .bind(one.key)
        .run();
  }
}

}  // namespace kiln::store::sqlite
