#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Who is signed in to the page: codes and cookies as their hashes. A session with a token_id has that token's
// rights; account_id is null of an administrator's. One that ends counts as a change of tokens, so that
// nobody remembers it.
const Migration kMigrationSessions = {"sessions", R"sql(
CREATE TABLE login_codes (
  code_hash BLOB PRIMARY KEY, account_id TEXT, permissions TEXT NOT NULL, name TEXT NOT NULL,
  expires_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_codes_end ON login_codes (expires_on);

CREATE TABLE sessions (
  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, secret_hash BLOB NOT NULL UNIQUE, token_id BLOB,
  account_id TEXT, permissions TEXT NOT NULL, name TEXT NOT NULL, created_on INTEGER NOT NULL,
  last_used_on INTEGER NOT NULL, expires_on INTEGER NOT NULL, address TEXT NOT NULL, user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_token ON sessions (token_id, number);
CREATE INDEX sessions_end ON sessions (expires_on);
CREATE INDEX sessions_idle ON sessions (last_used_on);
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions BEGIN
  UPDATE change_numbers SET tokens = tokens + 1; END;
)sql"};

}  // namespace kiln::store::sqlite
