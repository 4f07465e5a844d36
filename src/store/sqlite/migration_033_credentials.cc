#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What a connection shows to its host, and what it expects of it; and when the host is asked for news.
// connection_secrets: kind 'token' (of the host's API), 'ssh_key' (private, with its public half beside it),
// 'hook' (a secret that was replaced). ends_on 0: good until it is replaced. watches: heads_known once the
// branches that there were at the connecting stand in seen_heads; build_first: the production branch's head
// of then is to be built.
const Migration kMigrationCredentials = {"credentials", R"sql(
ALTER TABLE repo_connections ADD COLUMN host_keys TEXT NOT NULL DEFAULT '';

CREATE TABLE connection_secrets (
  connection_uuid BLOB NOT NULL REFERENCES repo_connections(uuid), kind TEXT NOT NULL, made_on INTEGER NOT NULL,
  ends_on INTEGER NOT NULL, sealed BLOB NOT NULL, public_half TEXT NOT NULL,
  PRIMARY KEY (connection_uuid, kind, made_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE watches (
  connection_uuid BLOB PRIMARY KEY REFERENCES repo_connections(uuid), poll_seconds INTEGER NOT NULL DEFAULT 0,
  build_first INTEGER NOT NULL DEFAULT 0, heads_known INTEGER NOT NULL DEFAULT 0,
  looked_on INTEGER NOT NULL DEFAULT 0, next_on INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE seen_heads (
  connection_uuid BLOB NOT NULL REFERENCES repo_connections(uuid), branch TEXT NOT NULL, commit_hash TEXT NOT NULL,
  PRIMARY KEY (connection_uuid, branch)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace kiln::store::sqlite
