#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Who did what (model/audit.h). Nothing changes a row; one goes only when it is older than what
// audit_retention says, which whoever removes old ones sets in the same transaction. account_id refers to
// nothing, since rows outlive accounts.
const Migration kMigrationAudit = {"audit", R"sql(
CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT, account_id TEXT NOT NULL, made_on INTEGER NOT NULL, who_kind TEXT NOT NULL,
  who_id TEXT NOT NULL, who_name TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
  request_id TEXT NOT NULL, changes_json TEXT NOT NULL
) STRICT;
CREATE INDEX audit_account ON audit (account_id, number);
CREATE INDEX audit_age ON audit (made_on);
CREATE TABLE audit_retention (only INTEGER PRIMARY KEY CHECK (only = 1), keep_from INTEGER NOT NULL) STRICT;
INSERT INTO audit_retention VALUES (1, 0);
CREATE TRIGGER audit_kept_rows BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE number = new.number) BEGIN
  SELECT raise(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
  SELECT raise(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN old.made_on >= (SELECT keep_from FROM audit_retention) BEGIN
  SELECT raise(ABORT, 'the audit is append-only');
END;
)sql"};

}  // namespace kiln::store::sqlite
