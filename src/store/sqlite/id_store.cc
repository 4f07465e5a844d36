#include "store/sqlite/id_store.h"

#include "base/hex.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kDigits = 32;

// The first and the last id that begins so, as they are stored.
struct IdRange {
  std::string first;
  std::string last;
};

IdRange range_of(std::string_view beginning) {
  std::string low(beginning);
  std::string high(beginning);
  low.resize(kDigits, '0');
  high.resize(kDigits, 'f');
  return {from_hex(low).value_or(""), from_hex(high).value_or("")};
}

Query rows_of(Connection& db, IdKind kind) {
  switch (kind) {
    case IdKind::build:
      return db.query(
          "SELECT b.uuid, w.name FROM builds b JOIN workers w ON w.tag = b.worker_tag WHERE b.uuid BETWEEN ? "
          "AND ? AND +b.account_id = ? ORDER BY b.uuid LIMIT ?");
    case IdKind::version:
      return db.query(
          "SELECT v.id, w.name FROM versions v JOIN workers w ON w.tag = v.worker_tag WHERE v.id BETWEEN ? "
          "AND "
          "? AND w.account_id = ? ORDER BY v.id LIMIT ?");
    case IdKind::deployment:
      return db.query(
          "SELECT d.id, w.name FROM deployments d JOIN workers w ON w.tag = d.worker_tag WHERE d.id BETWEEN "
          "? "
          "AND ? AND w.account_id = ? ORDER BY d.id LIMIT ?");
    case IdKind::trigger:
      return db.query(
          "SELECT t.uuid, w.name FROM triggers t JOIN workers w ON w.tag = t.worker_tag WHERE t.uuid BETWEEN "
          "? "
          "AND ? AND +t.account_id = ? AND t.deleted_on IS NULL ORDER BY t.uuid LIMIT ?");
    case IdKind::delivery:
      return db.query(
          "SELECT uuid, '' FROM deliveries WHERE uuid BETWEEN ? AND ? AND +account_id = ? ORDER BY uuid "
          "LIMIT "
          "?");
  }
  throw SqlError(SQLITE_MISUSE, "ids of no kind are asked for");
}

}  // namespace

Result<std::vector<IdFound>> SqliteIdStore::ids_that_begin(const std::string& account_id,
                                                           std::string_view beginning,
                                                           const std::vector<IdKind>& kinds, int most) {
  return database_.read([&](Connection& db) -> Result<std::vector<IdFound>> {
    const IdRange range = range_of(beginning);
    std::vector<IdFound> found;
    for (const IdKind kind : kinds) {
      Query row = rows_of(db, kind);
      row.bind_blob(range.first).bind_blob(range.last).bind(account_id).bind(most);
      while (row.step()) found.push_back({kind, row.uuid(0), row.text(1)});
    }
    return found;
  });
}

}  // namespace kiln::store::sqlite
