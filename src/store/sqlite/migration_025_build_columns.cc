#include "store/sqlite/database.h"
#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {
namespace {

// UUIDs from text to bytes, which SQLite 3.40 cannot; then what has been copied goes.
void finish_columns(Connection& db) {
  {
    Query rows = db.query(
        "SELECT number, metadata_json ->> '$.build_token_uuid' FROM builds "
        "WHERE metadata_json ->> '$.build_token_uuid' IS NOT NULL");
    while (rows.step()) {
      db.query("UPDATE builds SET build_token_uuid = ? WHERE number = ?")
          .bind(Uuid::parse(rows.view(1)))
          .bind(rows.integer(0))
          .run();
    }
  }
  db.execute(R"sql(
ALTER TABLE builds DROP COLUMN metadata_json;
ALTER TABLE builds DROP COLUMN environment_text;
ALTER TABLE builds DROP COLUMN version_ids;
ALTER TABLE builds DROP COLUMN preview_url;
ALTER TABLE builds DROP COLUMN preview_alias_url;
)sql");
}

}  // namespace

// Every fact about a build stands in one place, in a column of its own and in this room's words:
// - what it was started with, instead of the API's build_trigger_metadata as text;
// - environment_json alone has its variables;
// - version_builds alone has its versions, in their order, with what leads to each one's preview: whether it
//   has an address of its own, and the alias that it was uploaded under. The addresses follow from that and
//   from where Workers answer now.
const Migration kMigrationBuildColumns = {"build columns", R"sql(
ALTER TABLE builds DROP COLUMN commit_hash;
ALTER TABLE builds ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN commit_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN commit_message TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN author TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN build_command TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN deploy_command TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN root_directory TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN build_token_uuid BLOB;
ALTER TABLE builds ADD COLUMN build_token_name TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN repo_name TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN provider_account_name TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN provider_type TEXT NOT NULL DEFAULT '';
UPDATE builds SET
  source = metadata_json ->> '$.build_trigger_source',
  commit_hash = metadata_json ->> '$.commit_hash',
  commit_message = metadata_json ->> '$.commit_message',
  author = metadata_json ->> '$.author',
  build_command = metadata_json ->> '$.build_command',
  deploy_command = metadata_json ->> '$.deploy_command',
  root_directory = metadata_json ->> '$.root_directory',
  build_token_name = coalesce(metadata_json ->> '$.build_token_name', ''),
  repo_name = metadata_json ->> '$.repo_name',
  provider_account_name = metadata_json ->> '$.provider_account_name',
  provider_type = metadata_json ->> '$.provider_type';

ALTER TABLE version_builds RENAME TO version_builds_before;
CREATE TABLE version_builds (
  build_number INTEGER NOT NULL, ordinal INTEGER NOT NULL, version_id BLOB NOT NULL, created_on INTEGER NOT NULL,
  has_preview INTEGER NOT NULL, alias TEXT NOT NULL, PRIMARY KEY (build_number, ordinal)
) STRICT, WITHOUT ROWID;
-- builds.version_ids: 36 characters a version, and a comma before all but the first.
INSERT INTO version_builds (build_number, ordinal, version_id, created_on, has_preview, alias)
  SELECT b.number, (instr(replace(b.version_ids, '-', ''), lower(hex(v.version_id))) - 1) / 33 + 1, v.version_id,
         v.created_on, 0, ''
  FROM version_builds_before v JOIN builds b ON b.number = v.build_number;
CREATE UNIQUE INDEX version_builds_version ON version_builds (version_id);
-- A preview's address begins with the first eight digits of its version's id, or with its alias.
UPDATE version_builds SET has_preview = 1
  FROM builds b
  WHERE b.number = version_builds.build_number
    AND substr(b.preview_url, 8, 9) = lower(substr(hex(version_builds.version_id), 1, 8)) || '-';
UPDATE version_builds SET alias = coalesce((
    SELECT substr(b.preview_alias_url, 8, instr(b.preview_alias_url, '-' || w.name || '.') - 8)
    FROM workers w WHERE w.tag = b.worker_tag AND b.preview_alias_url LIKE 'http://%-' || w.name || '.%'), '')
  FROM builds b
  WHERE b.number = version_builds.build_number AND version_builds.has_preview = 1 AND b.preview_alias_url <> '';
DROP TABLE version_builds_before;
)sql",
                                          finish_columns};

}  // namespace kiln::store::sqlite
