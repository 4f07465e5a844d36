#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What deliveries reported, and what each trigger made of it. Deliveries are numbered within their account;
// one whose signature was refused takes no number of its own but that of the one before, so that no stranger
// can push others out. delivery_key is the key of hook_deliveries, empty for a refused one.
const Migration kMigrationDeliveries = {"deliveries", R"sql(
CREATE TABLE deliveries (
  number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, account_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
  connection_uuid BLOB NOT NULL, repo_name TEXT NOT NULL, provider TEXT NOT NULL, provider_id TEXT NOT NULL,
  delivery_key TEXT NOT NULL, event TEXT NOT NULL, signature TEXT NOT NULL, received_on INTEGER NOT NULL,
  repeated INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_account ON deliveries (account_id, ordinal);
CREATE UNIQUE INDEX deliveries_key ON deliveries (provider, delivery_key) WHERE delivery_key <> '';
CREATE INDEX deliveries_provider_id ON deliveries (account_id, provider_id);
CREATE INDEX deliveries_refused ON deliveries (connection_uuid) WHERE signature = 'refused';

CREATE TABLE delivery_refs (
  delivery INTEGER NOT NULL, place INTEGER NOT NULL, account_id TEXT NOT NULL, ref TEXT NOT NULL, branch TEXT NOT NULL,
  before_commit TEXT NOT NULL, after_commit TEXT NOT NULL,
  PRIMARY KEY (delivery, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_refs_branch ON delivery_refs (account_id, branch, delivery);
CREATE INDEX delivery_refs_commit ON delivery_refs (account_id, after_commit, delivery);

CREATE TABLE delivery_verdicts (
  delivery INTEGER NOT NULL, place INTEGER NOT NULL, account_id TEXT NOT NULL, trigger_uuid BLOB NOT NULL,
  trigger_name TEXT NOT NULL, worker_name TEXT NOT NULL, worker_tag TEXT NOT NULL, branch TEXT NOT NULL,
  commit_hash TEXT NOT NULL, decision TEXT NOT NULL, rule TEXT NOT NULL, build_uuid BLOB,
  PRIMARY KEY (delivery, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_verdicts_worker ON delivery_verdicts (account_id, worker_tag, delivery);

CREATE TABLE delivery_notes (
  delivery INTEGER NOT NULL, place INTEGER NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (delivery, place)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace kiln::store::sqlite
