#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

// Queues with their messages, which events go into them, and sinks. Of a message visible_on is when it can be
// taken next; lease is of whoever took it last. backlog_* are kept by triggers, so that a long queue says how
// long it is at once. Of a delivery due_on is set exactly while it waits; subject is its build, or empty.
//
// The outbox takes rows of other things than builds: build_number is 0 then, and account_id and worker_tag
// say whose it is. Those are left only where somebody listens. made_on 0: when it is found. Of refused
// deliveries a connection tells of the first in ten minutes, since strangers send them at will.
const Migration kMigrationEvents = {"events", R"sql(
CREATE TABLE queues (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id), name TEXT NOT NULL,
  delivery_delay INTEGER NOT NULL, retention INTEGER NOT NULL, paused INTEGER NOT NULL, purged_on INTEGER,
  backlog_count INTEGER NOT NULL DEFAULT 0, backlog_bytes INTEGER NOT NULL DEFAULT 0,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX queues_name ON queues (account_id, name);
CREATE INDEX queues_account ON queues (account_id, number);

CREATE TABLE queue_consumers (
  id TEXT PRIMARY KEY, queue_number INTEGER NOT NULL REFERENCES queues(number) ON DELETE CASCADE, kind TEXT NOT NULL,
  batch_size INTEGER NOT NULL, max_retries INTEGER NOT NULL, visibility_ms INTEGER NOT NULL, retry_delay INTEGER NOT NULL,
  dead_letter_queue TEXT NOT NULL, created_on INTEGER NOT NULL
) STRICT;
CREATE INDEX queue_consumers_queue ON queue_consumers (queue_number);

CREATE TABLE queue_messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT, queue_number INTEGER NOT NULL REFERENCES queues(number) ON DELETE CASCADE,
  id BLOB NOT NULL, body BLOB NOT NULL, content_type TEXT NOT NULL, sent_on INTEGER NOT NULL, visible_on INTEGER NOT NULL,
  expires_on INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, lease BLOB
) STRICT;
CREATE UNIQUE INDEX queue_messages_id ON queue_messages (queue_number, id);
CREATE INDEX queue_messages_visible ON queue_messages (queue_number, visible_on, number);
CREATE INDEX queue_messages_expiry ON queue_messages (queue_number, expires_on);
CREATE UNIQUE INDEX queue_messages_lease ON queue_messages (lease) WHERE lease IS NOT NULL;
CREATE TRIGGER queue_messages_come AFTER INSERT ON queue_messages BEGIN
  UPDATE queues SET backlog_count = backlog_count + 1, backlog_bytes = backlog_bytes + length(new.body)
    WHERE number = new.queue_number;
END;
CREATE TRIGGER queue_messages_go AFTER DELETE ON queue_messages BEGIN
  UPDATE queues SET backlog_count = backlog_count - 1, backlog_bytes = backlog_bytes - length(old.body)
    WHERE number = old.queue_number;
END;

CREATE TABLE event_subscriptions (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id), name TEXT NOT NULL,
  enabled INTEGER NOT NULL, worker_name TEXT NOT NULL,
  queue_number INTEGER NOT NULL REFERENCES queues(number) ON DELETE CASCADE, events_json TEXT NOT NULL,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL
) STRICT;
CREATE INDEX event_subscriptions_account ON event_subscriptions (account_id, number);
CREATE INDEX event_subscriptions_queue ON event_subscriptions (queue_number, number);
CREATE INDEX event_subscriptions_listening ON event_subscriptions (account_id) WHERE enabled = 1;

CREATE TABLE sinks (
  number INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts(id), name TEXT NOT NULL,
  kind TEXT NOT NULL, place TEXT NOT NULL, worker_name TEXT NOT NULL, events_json TEXT NOT NULL, outcomes TEXT NOT NULL,
  production_only INTEGER NOT NULL, enabled INTEGER NOT NULL, off_reason TEXT NOT NULL, secrets_sealed BLOB NOT NULL,
  created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sinks_name ON sinks (account_id, name);
CREATE INDEX sinks_account ON sinks (account_id, number);
CREATE INDEX sinks_listening ON sinks (account_id, number) WHERE enabled = 1;

CREATE TABLE sink_deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT, uuid BLOB NOT NULL UNIQUE,
  sink_number INTEGER NOT NULL REFERENCES sinks(number) ON DELETE CASCADE, subject BLOB NOT NULL, event TEXT NOT NULL,
  body TEXT NOT NULL, state TEXT NOT NULL, made_on INTEGER NOT NULL, due_on INTEGER, tried_on INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sink_deliveries_sink ON sink_deliveries (sink_number, number);
CREATE INDEX sink_deliveries_due ON sink_deliveries (sink_number, due_on, number) WHERE due_on IS NOT NULL;
CREATE INDEX sink_deliveries_order ON sink_deliveries (sink_number, subject, number) WHERE due_on IS NOT NULL;
CREATE INDEX sink_deliveries_waiting ON sink_deliveries (sink_number, number) WHERE due_on IS NOT NULL;
CREATE INDEX sink_deliveries_over ON sink_deliveries (sink_number, number) WHERE due_on IS NULL;

CREATE INDEX forges_account ON forges (account_id, number);

CREATE VIEW event_listeners AS
  SELECT account_id FROM event_subscriptions WHERE enabled = 1
  UNION ALL SELECT account_id FROM sinks WHERE enabled = 1;

ALTER TABLE outbox ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN worker_tag TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT '';
DROP TRIGGER outbox_version_uploaded;
CREATE TRIGGER outbox_version_uploaded AFTER INSERT ON version_builds BEGIN
  INSERT INTO outbox (build_number, move, made_on, detail)
    VALUES (new.build_number, 'uploaded', new.created_on, hex(new.version_id));
END;
CREATE TRIGGER outbox_deployed AFTER INSERT ON deployments
  WHEN EXISTS (SELECT 1 FROM event_listeners WHERE account_id =
    (SELECT account_id FROM workers WHERE tag = new.worker_tag)) BEGIN
  INSERT INTO outbox (build_number, move, made_on, account_id, worker_tag, detail)
    SELECT coalesce((SELECT number FROM builds WHERE uuid = new.build_uuid), 0), 'deployed', new.created_on, account_id,
      new.worker_tag, hex(new.id) FROM workers WHERE tag = new.worker_tag;
END;
CREATE TRIGGER outbox_preview_ended AFTER DELETE ON previews
  WHEN EXISTS (SELECT 1 FROM event_listeners WHERE account_id =
    (SELECT account_id FROM workers WHERE tag = old.worker_tag)) BEGIN
  INSERT INTO outbox (build_number, move, made_on, account_id, worker_tag, detail)
    SELECT 0, 'preview_ended', 0, account_id, old.worker_tag, old.name FROM workers WHERE tag = old.worker_tag;
END;
CREATE TRIGGER outbox_delivery_refused AFTER INSERT ON deliveries
  WHEN new.signature = 'refused' AND EXISTS (SELECT 1 FROM event_listeners WHERE account_id = new.account_id)
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE connection_uuid = new.connection_uuid AND signature = 'refused'
      AND number <> new.number AND received_on > new.received_on - 600000) BEGIN
  INSERT INTO outbox (build_number, move, made_on, account_id, detail)
    VALUES (0, 'delivery_refused', new.received_on, new.account_id, hex(new.uuid));
END;
)sql"};

}  // namespace kiln::store::sqlite
