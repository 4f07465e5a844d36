#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// A host names its account by the subdomain, so no two have the same: of accounts that share one, the oldest
// keeps it.
//
// Aliases lie in a table without rowids, of whose changes SQLite tells nobody; the triggers make them changes
// of the Worker's row, so that the front sees them at once.
const Migration kMigrationSubdomains = {"subdomains", R"sql(
UPDATE accounts SET subdomain = substr(subdomain, 1, 54) || '-' || substr(id, 1, 8)
  WHERE EXISTS (SELECT 1 FROM accounts older WHERE older.subdomain = accounts.subdomain AND
                (older.created_on, older.id) < (accounts.created_on, accounts.id));
CREATE UNIQUE INDEX accounts_subdomain ON accounts (subdomain);

CREATE TRIGGER version_aliases_added AFTER INSERT ON version_aliases BEGIN
  UPDATE workers SET modified_on = modified_on WHERE tag = new.worker_tag;
END;
CREATE TRIGGER version_aliases_moved AFTER UPDATE ON version_aliases BEGIN
  UPDATE workers SET modified_on = modified_on WHERE tag = new.worker_tag;
END;
CREATE TRIGGER version_aliases_removed AFTER DELETE ON version_aliases BEGIN
  UPDATE workers SET modified_on = modified_on WHERE tag = old.worker_tag;
END;
)sql"};

}  // namespace kiln::store::sqlite
