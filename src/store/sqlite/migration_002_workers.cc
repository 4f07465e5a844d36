#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Versions and deployments are never changed after their insert; a deleted Worker's stay, because builds
// point at them.
const Migration kMigrationWorkers = {"workers", R"sql(
-- label: the first 8 hex digits of the id, the host label of the version's preview.
CREATE TABLE versions (
  id BLOB PRIMARY KEY, worker_tag TEXT NOT NULL REFERENCES workers(tag), number INTEGER NOT NULL, label TEXT NOT NULL,
  created_on INTEGER NOT NULL, source TEXT NOT NULL, author_email TEXT NOT NULL, main_module TEXT NOT NULL,
  body_part TEXT NOT NULL, compatibility_date TEXT NOT NULL, compatibility_flags_json TEXT NOT NULL,
  bindings_json TEXT NOT NULL, annotations_json TEXT NOT NULL, limits_json TEXT NOT NULL,
  assets_config_json TEXT NOT NULL, etag TEXT NOT NULL, handlers_json TEXT NOT NULL, has_assets INTEGER NOT NULL,
  assets_json TEXT NOT NULL, upload_hash TEXT NOT NULL, build_uuid BLOB
) STRICT;
CREATE UNIQUE INDEX versions_number ON versions (worker_tag, number);
CREATE UNIQUE INDEX versions_label ON versions (worker_tag, label);

CREATE TABLE version_modules (
  version_id BLOB NOT NULL REFERENCES versions(id), position INTEGER NOT NULL, name TEXT NOT NULL,
  content_type TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (version_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE version_secrets (
  version_id BLOB NOT NULL REFERENCES versions(id), name TEXT NOT NULL, value_sealed BLOB NOT NULL,
  PRIMARY KEY (version_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE version_aliases (
  worker_tag TEXT NOT NULL REFERENCES workers(tag), alias TEXT NOT NULL,
  version_id BLOB NOT NULL REFERENCES versions(id), modified_on INTEGER NOT NULL,
  PRIMARY KEY (worker_tag, alias)
) STRICT, WITHOUT ROWID;

-- number orders deployments; a Worker's live one has its largest.
CREATE TABLE deployments (
  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, worker_tag TEXT NOT NULL REFERENCES workers(tag),
  created_on INTEGER NOT NULL, source TEXT NOT NULL, author_email TEXT NOT NULL, annotations_json TEXT NOT NULL,
  build_uuid BLOB
) STRICT;
CREATE INDEX deployments_worker ON deployments (worker_tag, number);

CREATE TABLE deployment_versions (
  deployment_number INTEGER NOT NULL REFERENCES deployments(number), position INTEGER NOT NULL,
  version_id BLOB NOT NULL REFERENCES versions(id), percentage REAL NOT NULL,
  PRIMARY KEY (deployment_number, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_sessions (
  id BLOB PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), worker_name TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE, manifest_json TEXT NOT NULL, expires_on INTEGER NOT NULL
) STRICT;
CREATE INDEX asset_sessions_expiry ON asset_sessions (expires_on);

CREATE TABLE asset_missing (
  session_id BLOB NOT NULL REFERENCES asset_sessions(id) ON DELETE CASCADE, hash TEXT NOT NULL,
  PRIMARY KEY (session_id, hash)
) STRICT, WITHOUT ROWID;

-- Which content stands behind a client's hash. By Worker name, because assets come before a new Worker's row.
CREATE TABLE worker_assets (
  account_id TEXT NOT NULL REFERENCES accounts(id), worker_name TEXT NOT NULL, hash TEXT NOT NULL,
  content_type TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (account_id, worker_name, hash)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace kiln::store::sqlite
