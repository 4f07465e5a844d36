#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Triggers of the schema leave a row in the outbox for every move of a build, so that no statement can forget
// it. Of a report, subject is the build's number or the pull request's; told and wanted are outbox numbers,
// due_on is set exactly while the host has something to be told.
const Migration kMigrationOutbox = {"outbox", R"sql(
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT, build_number INTEGER NOT NULL, move TEXT NOT NULL, made_on INTEGER NOT NULL
) STRICT;
CREATE TRIGGER outbox_build_made AFTER INSERT ON builds BEGIN
  INSERT INTO outbox (build_number, move, made_on) VALUES (new.number, new.status, new.created_on);
END;
CREATE TRIGGER outbox_build_moved AFTER UPDATE OF status ON builds WHEN new.status <> old.status BEGIN
  INSERT INTO outbox (build_number, move, made_on) VALUES (new.number, new.status, new.modified_on);
END;
CREATE TRIGGER outbox_build_linked AFTER UPDATE OF pull_request_json ON builds
  WHEN new.pull_request_json IS NOT old.pull_request_json BEGIN
  INSERT INTO outbox (build_number, move, made_on) VALUES (new.number, 'linked', new.modified_on);
END;
CREATE TRIGGER outbox_version_uploaded AFTER INSERT ON version_builds BEGIN
  INSERT INTO outbox (build_number, move, made_on) VALUES (new.build_number, 'uploaded', new.created_on);
END;

CREATE TABLE reports (
  number INTEGER PRIMARY KEY, connection_uuid BLOB NOT NULL, account_id TEXT NOT NULL, kind TEXT NOT NULL,
  subject INTEGER NOT NULL, host TEXT NOT NULL, remote_id TEXT NOT NULL DEFAULT '', begun INTEGER NOT NULL DEFAULT 0, wanted INTEGER NOT NULL,
  told INTEGER NOT NULL DEFAULT 0,
  due_on INTEGER, attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX reports_subject ON reports (connection_uuid, kind, subject);
CREATE INDEX reports_due ON reports (host, due_on) WHERE due_on IS NOT NULL;
CREATE INDEX reports_failing ON reports (account_id, number) WHERE error <> '';

CREATE TABLE pull_request_builds (
  connection_uuid BLOB NOT NULL, number INTEGER NOT NULL, worker_tag TEXT NOT NULL, first_build INTEGER NOT NULL,
  build_number INTEGER NOT NULL, PRIMARY KEY (connection_uuid, number, worker_tag)
) STRICT, WITHOUT ROWID;
ALTER TABLE builds ADD COLUMN unreported INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triggers ADD COLUMN report_path_skips INTEGER NOT NULL DEFAULT 0;
CREATE INDEX pull_requests_url ON pull_requests (connection_uuid, url);
)sql"};

}  // namespace kiln::store::sqlite
