#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Source hosts that accounts have set up. secrets_sealed holds all of a forge's secrets as one JSON.
const Migration kMigrationForges = {"forges", R"sql(
CREATE TABLE forges (
  number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id),
  provider TEXT NOT NULL, web_url TEXT NOT NULL, api_url TEXT NOT NULL, app_id TEXT NOT NULL, app_slug TEXT NOT NULL,
  client_id TEXT NOT NULL, ca TEXT NOT NULL, secrets_sealed BLOB NOT NULL, created_on INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX forges_place ON forges (account_id, provider, web_url);
CREATE INDEX forges_provider ON forges (provider);
)sql"};

}  // namespace kiln::store::sqlite
