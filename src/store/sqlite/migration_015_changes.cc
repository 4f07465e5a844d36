#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// The numbered feed of store/changes.h: change_numbers counts the changes of each kind in the transaction
// that makes them, and changed_builds has the last of the builds among them, so that any process hears of
// them by reading. A build's commit is a column.
const Migration kMigrationChanges = {"changes", R"sql(
CREATE TABLE change_numbers (
  only INTEGER PRIMARY KEY CHECK (only = 1), triggers INTEGER NOT NULL, tokens INTEGER NOT NULL,
  routes INTEGER NOT NULL, builds INTEGER NOT NULL
) STRICT;
INSERT INTO change_numbers VALUES (1, 1, 1, 1, 0);
CREATE TABLE changed_builds (number INTEGER PRIMARY KEY, id BLOB NOT NULL) STRICT;

DROP TRIGGER version_aliases_added;
DROP TRIGGER version_aliases_moved;
DROP TRIGGER version_aliases_removed;
CREATE TRIGGER triggers_inserted AFTER INSERT ON triggers BEGIN UPDATE change_numbers SET triggers = triggers + 1; END;
CREATE TRIGGER triggers_updated AFTER UPDATE ON triggers BEGIN UPDATE change_numbers SET triggers = triggers + 1; END;
CREATE TRIGGER connections_inserted AFTER INSERT ON repo_connections BEGIN
  UPDATE change_numbers SET triggers = triggers + 1; END;
CREATE TRIGGER connections_updated AFTER UPDATE ON repo_connections BEGIN
  UPDATE change_numbers SET triggers = triggers + 1; END;
CREATE TRIGGER tokens_inserted AFTER INSERT ON api_tokens BEGIN UPDATE change_numbers SET tokens = tokens + 1; END;
CREATE TRIGGER tokens_updated AFTER UPDATE ON api_tokens BEGIN UPDATE change_numbers SET tokens = tokens + 1; END;
CREATE TRIGGER tokens_deleted AFTER DELETE ON api_tokens BEGIN UPDATE change_numbers SET tokens = tokens + 1; END;
CREATE TRIGGER accounts_inserted AFTER INSERT ON accounts BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER accounts_updated AFTER UPDATE ON accounts BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER workers_inserted AFTER INSERT ON workers BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER workers_updated AFTER UPDATE ON workers BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER versions_inserted AFTER INSERT ON versions BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER deployments_inserted AFTER INSERT ON deployments BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER aliases_inserted AFTER INSERT ON version_aliases BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER aliases_updated AFTER UPDATE ON version_aliases BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER aliases_deleted AFTER DELETE ON version_aliases BEGIN
  UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER previews_inserted AFTER INSERT ON previews BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER previews_updated AFTER UPDATE ON previews BEGIN UPDATE change_numbers SET routes = routes + 1; END;
CREATE TRIGGER previews_deleted AFTER DELETE ON previews BEGIN UPDATE change_numbers SET routes = routes + 1; END;

ALTER TABLE builds ADD COLUMN commit_hash TEXT
  GENERATED ALWAYS AS (json_extract(metadata_json, '$.commit_hash')) VIRTUAL;
)sql"};

}  // namespace kiln::store::sqlite
