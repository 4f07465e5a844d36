#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What git shows to a connection's host, apart from its URL and sealed (SqliteConnectionStore takes the
// credentials out of the URLs that there are).
const Migration kMigrationCloneCredentials = {"clone_credentials", R"sql(
ALTER TABLE repo_connections ADD COLUMN clone_auth_sealed BLOB;
)sql"};

}  // namespace kiln::store::sqlite
