#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// What builds went through, and lists of them by what somebody remembers of one: an index for each.
// account_events numbers what changes for those who follow an account, the last 10,000 of all accounts:
// subject is a build's uuid or a Worker's tag, in hex.
const Migration kMigrationStories = {"stories", R"sql(
ALTER TABLE builds ADD COLUMN sentence TEXT NOT NULL DEFAULT '';
ALTER TABLE builds ADD COLUMN failed_step TEXT NOT NULL DEFAULT '';

CREATE TABLE build_steps (
  build_number INTEGER NOT NULL, attempt INTEGER NOT NULL, ordinal INTEGER NOT NULL, step TEXT NOT NULL,
  state TEXT NOT NULL, started_on INTEGER NOT NULL, stopped_on INTEGER, command TEXT NOT NULL, exit_code INTEGER,
  signal INTEGER, first_line INTEGER NOT NULL,
  PRIMARY KEY (build_number, attempt, ordinal)
) STRICT, WITHOUT ROWID;
CREATE TABLE build_tools (
  build_number INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
  PRIMARY KEY (build_number, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE build_caches (
  build_number INTEGER NOT NULL, kind TEXT NOT NULL, restored INTEGER NOT NULL, kept TEXT NOT NULL, bytes INTEGER,
  PRIMARY KEY (build_number, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX builds_branch ON builds (account_id, branch, number);
CREATE INDEX builds_commit ON builds (account_id, commit_hash, number);
CREATE INDEX builds_good ON builds (account_id, worker_tag, number) WHERE outcome = 'success';
CREATE INDEX builds_good_branch ON builds (account_id, worker_tag, branch, number) WHERE outcome = 'success';
CREATE INDEX builds_open ON builds (account_id, number) WHERE status <> 'stopped';

CREATE TABLE account_events (
  number INTEGER PRIMARY KEY, account_id TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL
) STRICT;
CREATE INDEX account_events_account ON account_events (account_id, number);
CREATE TRIGGER builds_made_event AFTER INSERT ON builds BEGIN
  INSERT INTO account_events (account_id, kind, subject) VALUES (new.account_id, 'build', hex(new.uuid)); END;
CREATE TRIGGER builds_moved_event AFTER UPDATE OF status, attempt, lease_until, waits_for_approval ON builds
  WHEN new.status <> old.status OR new.attempt <> old.attempt OR (new.lease_until IS NULL) <> (old.lease_until IS NULL)
    OR new.waits_for_approval <> old.waits_for_approval
  BEGIN
  INSERT INTO account_events (account_id, kind, subject) VALUES (new.account_id, 'build', hex(new.uuid)); END;
CREATE TRIGGER deployments_event AFTER INSERT ON deployments BEGIN
  INSERT INTO account_events (account_id, kind, subject)
    SELECT account_id, 'deployment', tag FROM workers WHERE tag = new.worker_tag; END;
CREATE TRIGGER account_events_end AFTER INSERT ON account_events WHEN new.number % 100 = 0 BEGIN
  DELETE FROM account_events WHERE number <= new.number - 10000; END;
)sql"};

}  // namespace kiln::store::sqlite
