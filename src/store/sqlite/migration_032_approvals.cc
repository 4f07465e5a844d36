#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Builds of strangers' commits that a maintainer has yet to approve: no claim sees them. That one was
// approved is told as a move is.
const Migration kMigrationApprovals = {"approvals", R"sql(
ALTER TABLE builds ADD COLUMN waits_for_approval INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER outbox_build_approved AFTER UPDATE OF waits_for_approval ON builds
  WHEN new.waits_for_approval <> old.waits_for_approval AND new.status = 'queued' BEGIN
  INSERT INTO outbox (build_number, move, made_on) VALUES (new.number, new.status, new.modified_on);
END;
)sql"};

}  // namespace kiln::store::sqlite
