#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Made for reading at any size of history:
// - version_builds leads from a version straight to its build's row.
// - builds.version_ids holds the build's versions in order of upload, comma-separated, beside the build.
// - builds.ordinal counts a Worker's builds from 1, and build_counts knows the last one, so that a page far
// back is
//   found as quickly as the first.
// - metadata_json has the API's own member names and is answered as it stands, and so is environment_text,
// the variables as
//   the published API shows them; environment_json has all that is known of them.
const Migration kMigrationReads = {"reads", R"sql(
ALTER TABLE builds ADD COLUMN environment_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE builds ADD COLUMN environment_text TEXT NOT NULL DEFAULT '{}';
ALTER TABLE builds ADD COLUMN version_ids TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;

UPDATE builds SET
  environment_json = json_extract(metadata_json, '$.environment'),
  environment_text = (
    SELECT json_group_object(json_extract(v.value, '$.name'),
                             iif(json_extract(v.value, '$.is_secret'), '[secret]', json_extract(v.value, '$.value')))
    FROM json_each(metadata_json, '$.environment') v),
  metadata_json = json_object(
    'build_trigger_source', json_extract(metadata_json, '$.source'),
    'branch', json_extract(metadata_json, '$.branch'),
    'commit_hash', json_extract(metadata_json, '$.commit_hash'),
    'commit_message', json_extract(metadata_json, '$.commit_message'),
    'author', json_extract(metadata_json, '$.author'),
    'build_command', json_extract(metadata_json, '$.build_command'),
    'deploy_command', json_extract(metadata_json, '$.deploy_command'),
    'root_directory', json_extract(metadata_json, '$.root_directory'),
    'build_token_uuid', json_extract(metadata_json, '$.build_token_uuid'),
    'build_token_name', nullif(json_extract(metadata_json, '$.build_token_name'), ''),
    'repo_name', json_extract(metadata_json, '$.repo_name'),
    'provider_account_name', json_extract(metadata_json, '$.provider_account_name'),
    'provider_type', json_extract(metadata_json, '$.provider_type'));

UPDATE builds SET version_ids = coalesce((
  SELECT group_concat(substr(id, 1, 8) || '-' || substr(id, 9, 4) || '-' || substr(id, 13, 4) || '-' ||
                      substr(id, 17, 4) || '-' || substr(id, 21), ',')
  FROM (SELECT lower(hex(v.version_id)) AS id FROM version_builds v WHERE v.build_uuid = builds.uuid
        ORDER BY v.created_on, v.number)), '');

ALTER TABLE version_builds RENAME TO version_builds_before;
CREATE TABLE version_builds (
  version_id BLOB PRIMARY KEY, account_id TEXT NOT NULL, build_number INTEGER NOT NULL, created_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO version_builds (version_id, account_id, build_number, created_on)
  SELECT v.version_id, v.account_id, b.number, v.created_on
  FROM version_builds_before v JOIN builds b ON b.uuid = v.build_uuid;
DROP TABLE version_builds_before;

CREATE TABLE build_counts (
  account_id TEXT NOT NULL, worker_tag TEXT NOT NULL, last_ordinal INTEGER NOT NULL,
  PRIMARY KEY (account_id, worker_tag)
) STRICT, WITHOUT ROWID;
UPDATE builds SET ordinal = counted.ordinal FROM (
  SELECT number, row_number() OVER (PARTITION BY account_id, worker_tag ORDER BY number) AS ordinal FROM builds
) AS counted WHERE builds.number = counted.number;
INSERT INTO build_counts SELECT account_id, worker_tag, max(ordinal) FROM builds GROUP BY account_id, worker_tag;
DROP INDEX builds_worker;
CREATE UNIQUE INDEX builds_worker ON builds (account_id, worker_tag, ordinal);
)sql"};

}  // namespace kiln::store::sqlite
