#include "model/repo_place.h"
#include "store/sqlite/database.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

// Ids of this program's own making are of the whole place now, its host included; those that a host or a
// caller of the API has given stay. A row that would become another's double stays as it is.
void name_by_place(Connection& db) {
  Query rows = db.query(
      "SELECT uuid FROM repo_connections WHERE deleted_on IS NULL AND (repo_id LIKE 'provisional:%' OR "
      "provider_type = 'git' AND repo_id = clone_url)");
  for (const Uuid& uuid : all_uuids(rows)) {
    Query row = db.query("SELECT clone_url, provider_type FROM repo_connections WHERE uuid = ?");
    if (!row.bind(uuid).step()) continue;
    const model::RepoPlace place = model::repo_place(row.text(0));
    const bool plain = row.text(1) == "git";
    db.query("UPDATE OR IGNORE repo_connections SET repo_id = ?, provider_account_id = ? WHERE uuid = ?")
        .bind(plain ? model::plain_repo_id(place) : model::provisional_repo_id(place))
        .bind(model::owner_id(place))
        .bind(uuid)
        .run();
  }
}

}  // namespace

const Migration kMigrationRepoPlaces = {"repo_places", R"sql(
DROP INDEX repo_connections_name;
CREATE INDEX repo_connections_name
  ON repo_connections (provider_type, repo_name COLLATE NOCASE, provider_account_name COLLATE NOCASE)
  WHERE deleted_on IS NULL AND repo_id >= 'provisional:' AND repo_id < 'provisional;';
)sql",
                                        name_by_place};

}  // namespace kiln::store::sqlite
