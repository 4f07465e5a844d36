#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Uuids are 16-byte blobs, times are epoch milliseconds, "_sealed" columns are SecretBox ciphertext, "_json"
// is JSON.
const Migration kMigrationCore = {"core", R"sql(
CREATE TABLE accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, subdomain TEXT NOT NULL, created_on INTEGER NOT NULL
) STRICT;

CREATE TABLE api_tokens (
  id BLOB PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), name TEXT NOT NULL,
  secret_hash BLOB NOT NULL UNIQUE, permissions TEXT NOT NULL, created_on INTEGER NOT NULL,
  expires_on INTEGER, last_used_on INTEGER, revoked_on INTEGER
) STRICT;
CREATE INDEX api_tokens_account ON api_tokens (account_id, created_on);

CREATE TABLE build_tokens (
  uuid BLOB PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), name TEXT NOT NULL,
  secret_sealed BLOB NOT NULL, cloudflare_token_id TEXT NOT NULL, owner_type TEXT NOT NULL,
  is_default INTEGER NOT NULL, created_on INTEGER NOT NULL, deleted_on INTEGER
) STRICT;
CREATE INDEX build_tokens_account ON build_tokens (account_id, created_on) WHERE deleted_on IS NULL;
CREATE INDEX build_tokens_default ON build_tokens (account_id) WHERE is_default = 1;

CREATE TABLE repo_connections (
  uuid BLOB PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), provider_type TEXT NOT NULL,
  provider_account_id TEXT NOT NULL, provider_account_name TEXT NOT NULL, repo_id TEXT NOT NULL,
  repo_name TEXT NOT NULL, clone_url TEXT NOT NULL, hook_id TEXT, hook_secret_sealed BLOB,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL, deleted_on INTEGER
) STRICT;
CREATE UNIQUE INDEX repo_connections_live
  ON repo_connections (account_id, provider_type, provider_account_id, repo_id) WHERE deleted_on IS NULL;
CREATE INDEX repo_connections_repo ON repo_connections (provider_type, repo_id) WHERE deleted_on IS NULL;
-- Provisional ids carry a full name, which hosts take in any case.
CREATE INDEX repo_connections_name ON repo_connections (provider_type, repo_id COLLATE NOCASE)
  WHERE deleted_on IS NULL;
CREATE UNIQUE INDEX repo_connections_hook ON repo_connections (hook_id) WHERE hook_id IS NOT NULL;

CREATE TABLE workers (
  tag TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), name TEXT NOT NULL,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL, subdomain_enabled INTEGER NOT NULL,
  previews_enabled INTEGER NOT NULL, settings_json TEXT NOT NULL, schedules_json TEXT NOT NULL, deleted_on INTEGER
) STRICT;
CREATE UNIQUE INDEX workers_name ON workers (account_id, name) WHERE deleted_on IS NULL;

CREATE TABLE triggers (
  uuid BLOB PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id),
  worker_tag TEXT NOT NULL REFERENCES workers(tag), connection_uuid BLOB NOT NULL REFERENCES repo_connections(uuid),
  build_token_uuid BLOB REFERENCES build_tokens(uuid), name TEXT NOT NULL, build_command TEXT NOT NULL,
  deploy_command TEXT NOT NULL, root_directory TEXT NOT NULL, branch_includes_json TEXT NOT NULL,
  branch_excludes_json TEXT NOT NULL, path_includes_json TEXT NOT NULL, path_excludes_json TEXT NOT NULL,
  build_caching_enabled INTEGER NOT NULL, created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL, deleted_on INTEGER
) STRICT;
CREATE INDEX triggers_worker ON triggers (worker_tag) WHERE deleted_on IS NULL;
CREATE INDEX triggers_connection ON triggers (connection_uuid) WHERE deleted_on IS NULL;

CREATE TABLE trigger_variables (
  trigger_uuid BLOB NOT NULL REFERENCES triggers(uuid), name TEXT NOT NULL, is_secret INTEGER NOT NULL,
  value TEXT NOT NULL, value_sealed BLOB, created_on INTEGER NOT NULL,
  PRIMARY KEY (trigger_uuid, name)
) STRICT, WITHOUT ROWID;

-- number orders builds: a newer build has a larger one, whatever the clock did. A build is leased exactly while
-- lease_until is set; lease_id outlives the lease, and ended_by_lease says that the attempt itself reported the end.
CREATE TABLE builds (
  number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, account_id TEXT NOT NULL, worker_tag TEXT NOT NULL,
  trigger_uuid BLOB NOT NULL REFERENCES triggers(uuid), branch TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL, initializing_on INTEGER, running_on INTEGER,
  stopped_on INTEGER, metadata_json TEXT NOT NULL, pull_request_json TEXT, secrets_sealed BLOB,
  preview_url TEXT NOT NULL DEFAULT '', preview_alias_url TEXT NOT NULL DEFAULT '',
  runner_id TEXT, lease_id BLOB, lease_until INTEGER, attempt INTEGER NOT NULL DEFAULT 0,
  deploy_started INTEGER NOT NULL DEFAULT 0, ended_by_lease INTEGER NOT NULL DEFAULT 0, api_token_hash BLOB
) STRICT;
CREATE INDEX builds_worker ON builds (account_id, worker_tag, number);
CREATE INDEX builds_account ON builds (account_id, number);
CREATE INDEX builds_live ON builds (trigger_uuid, branch, number) WHERE status <> 'stopped';
CREATE INDEX builds_leased ON builds (account_id, worker_tag) WHERE lease_until IS NOT NULL;
CREATE INDEX builds_lease_end ON builds (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX builds_token ON builds (api_token_hash) WHERE api_token_hash IS NOT NULL;

-- Which build made which version: the answer Kiln exists for. number is the order of upload.
CREATE TABLE version_builds (
  number INTEGER PRIMARY KEY, version_id BLOB NOT NULL UNIQUE, account_id TEXT NOT NULL, build_uuid BLOB NOT NULL,
  created_on INTEGER NOT NULL
) STRICT;
CREATE INDEX version_builds_build ON version_builds (build_uuid, created_on);

-- Log chunks in order of arrival. writer: the lease that wrote it, or empty for the server; seq counts per writer.
-- first_line counts the lines of the build before this chunk, so that a cursor is a line number.
CREATE TABLE build_logs (
  build_uuid BLOB NOT NULL, first_line INTEGER NOT NULL, writer BLOB NOT NULL, seq INTEGER NOT NULL,
  line_count INTEGER NOT NULL, lines_json TEXT NOT NULL,
  PRIMARY KEY (build_uuid, first_line, line_count, writer, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX build_logs_writer ON build_logs (build_uuid, writer, seq);

CREATE TABLE hook_deliveries (
  provider TEXT NOT NULL, delivery_id TEXT NOT NULL, received_on INTEGER NOT NULL, builds BLOB NOT NULL,
  PRIMARY KEY (provider, delivery_id)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace kiln::store::sqlite
