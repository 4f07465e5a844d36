#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {

bool worker_lives(Connection& db, const std::string& tag) {
  Query query = db.query("SELECT 1 FROM workers WHERE tag = ? AND deleted_on IS NULL");
  return query.bind(tag).step();
}

bool worker_lives(Connection& db, const std::string& account_id, const std::string& tag) {
  Query query = db.query("SELECT 1 FROM workers WHERE account_id = ? AND tag = ? AND deleted_on IS NULL");
  return query.bind(account_id).bind(tag).step();
}

tl::unexpected<Error> no_worker() {
  return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
}

}  // namespace kiln::store::sqlite
