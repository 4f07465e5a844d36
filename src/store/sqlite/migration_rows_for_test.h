// Files as each version of the schema left them, with rows in every table: what migrations are tried on. For
// tests alone.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "model/log_text.h"
#include "store/sqlite/database.h"
#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

inline constexpr const char* kAccount = "0123456789abcdef0123456789abcdef";
inline constexpr const char* kTag = "fedcba9876543210fedcba9876543210";
// Ids are one byte sixteen times.
inline Uuid id_of(int byte) {
  return *Uuid::from_raw(std::string(16, static_cast<char>(byte)));
}
inline constexpr int kConnection = 1, kTrigger = 2, kBuildToken = 3, kApiToken = 4;
inline constexpr int kPlain = 5, kProvisionalOne = 6;                // connections
inline constexpr int kDone = 0x11, kRunning = 0x12, kQueued = 0x13;  // builds
inline constexpr int kVersion = 0x21, kPreviewVersion = 0x22, kPreview = 0x23, kDeployment = 0x24;
inline constexpr int kLater = 0x25;  // a deployment
inline constexpr int kSession = 0x31, kHook = 0x41, kLease = 0x51;

// What the program of version 1 + i could add to what was there: rows of the tables that the version made,
// and values in its columns.
inline constexpr auto kRows = std::to_array<const char*>({
    // core
    R"sql(
INSERT INTO accounts VALUES ('0123456789abcdef0123456789abcdef', 'Acme', 'acme', 1),
                            ('1123456789abcdef0123456789abcdef', 'Other', 'acme', 2);
INSERT INTO api_tokens VALUES (x'04040404040404040404040404040404', '0123456789abcdef0123456789abcdef', 'laptop',
  x'aa', 'ci:read', 5, NULL, 6, NULL);
INSERT INTO build_tokens VALUES (x'03030303030303030303030303030303', '0123456789abcdef0123456789abcdef', 'deploys',
  x'bb', 'cf', 'account', 1, 7, NULL);
INSERT INTO repo_connections VALUES (x'01010101010101010101010101010101', '0123456789abcdef0123456789abcdef',
  'github', '1001', 'octo', '77', 'hello', 'https://github.com/octo/hello.git', 'hook-1', x'cc', 8, 9, NULL),
  (x'05050505050505050505050505050505', '0123456789abcdef0123456789abcdef', 'git', 'srv', 'srv', '/srv/shop.git',
  'shop', '/srv/shop.git', 'hook-2', x'cd', 8, 9, NULL),
  (x'06060606060606060606060606060606', '0123456789abcdef0123456789abcdef', 'github', 'acme', 'acme',
  'provisional:acme/shop', 'shop', 'https://git.example/acme/shop', 'hook-3', x'ce', 8, 9, NULL);
INSERT INTO workers VALUES ('fedcba9876543210fedcba9876543210', '0123456789abcdef0123456789abcdef', 'hello', 10, 11,
  1, 1, '{"a":1}', '[]', NULL);
INSERT INTO triggers (uuid, account_id, worker_tag, connection_uuid, build_token_uuid, name, build_command,
  deploy_command, root_directory, branch_includes_json, branch_excludes_json, path_includes_json, path_excludes_json,
  build_caching_enabled, created_on, modified_on) VALUES
  (x'02020202020202020202020202020202', '0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210',
   x'01010101010101010101010101010101', x'03030303030303030303030303030303', 'Deploy main', 'npm run build',
   'npx wrangler deploy', '/', '["main"]', '["x"]', '["*"]', '["docs/*"]', 1, 12, 13);
INSERT INTO trigger_variables VALUES (x'02020202020202020202020202020202', 'MODE', 0, 'fast', NULL, 14);
INSERT INTO builds (number, uuid, account_id, worker_tag, trigger_uuid, branch, status, outcome, created_on,
  modified_on, initializing_on, running_on, stopped_on, metadata_json, pull_request_json, preview_url,
  preview_alias_url, runner_id, lease_id, lease_until, attempt, deploy_started, ended_by_lease)
  SELECT n, uuid, '0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210',
    x'02020202020202020202020202020202', 'main', status, outcome, 20 + n, 30 + n, begun, begun, ended,
    json_object('source', 'push', 'branch', 'main', 'commit_hash', printf('%040d', n), 'commit_message', 'm "q"' ||
      char(10) || 'two', 'author', 'Ada', 'build_command', 'b', 'deploy_command', 'd', 'root_directory', '/app',
      'build_token_uuid', '03030303-0303-0303-0303-030303030303', 'build_token_name', 'deploys',
      'environment', json('[{"name":"A","value":"1","is_secret":false,"created_on":7},
                            {"name":"S","value":"","is_secret":true,"created_on":8}]'),
      'repo_name', 'hello', 'provider_account_name', 'octo', 'provider_type', 'github'),
    iif(n = 1, '{"created_on":3,"url":"https://github.com/octo/hello/pull/1"}', NULL), '', '', runner, lease, until,
    runner IS NOT NULL, 0, ended IS NOT NULL
  FROM (SELECT 1 AS n, x'11111111111111111111111111111111' AS uuid, 'stopped' AS status, 'success' AS outcome,
          40 AS begun, 50 AS ended, 'r' AS runner, x'51515151515151515151515151515151' AS lease, NULL AS until
        UNION ALL SELECT 2, x'12121212121212121212121212121212', 'running', NULL, 41, NULL, 'r',
          x'52525252525252525252525252525252', 4000000000000
        UNION ALL SELECT 3, x'13131313131313131313131313131313', 'queued', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO version_builds (version_id, account_id, build_uuid, created_on) VALUES
  (x'aabbccddeeff00112233445566778899', '0123456789abcdef0123456789abcdef', x'11111111111111111111111111111111', 1),
  (x'00bbccddeeff00112233445566778899', '0123456789abcdef0123456789abcdef', x'11111111111111111111111111111111', 2);
INSERT INTO build_logs VALUES (x'11111111111111111111111111111111', 0, x'', 1, 2, '[[1,"one"],[2,"tw\u00f6"]]');
INSERT INTO hook_deliveries VALUES ('github', 'd1', 60, x'11111111111111111111111111111111');
)sql",
    // workers
    R"sql(
INSERT INTO versions (id, worker_tag, number, label, created_on, source, author_email, main_module, body_part,
  compatibility_date, compatibility_flags_json, bindings_json, annotations_json, limits_json, assets_config_json,
  etag, handlers_json, has_assets, assets_json, upload_hash, build_uuid) VALUES
  (x'21212121212121212121212121212121', 'fedcba9876543210fedcba9876543210', 1, '21212121', 70, 'api', 'a@b', 'i.js',
   '', '2026-01-01', '[]', '[]', '{}', 'null', 'null', 'e', '["fetch"]', 0, '[]', 'h', NULL);
INSERT INTO version_modules VALUES (x'21212121212121212121212121212121', 0, 'i.js', 'application/javascript+module',
  'blob', 9);
INSERT INTO version_secrets VALUES (x'21212121212121212121212121212121', 'S', x'dd');
INSERT INTO version_aliases VALUES ('fedcba9876543210fedcba9876543210', 'stable',
  x'21212121212121212121212121212121', 71);
INSERT INTO deployments (number, id, worker_tag, created_on, source, author_email, annotations_json, build_uuid)
  VALUES (5, x'24242424242424242424242424242424', 'fedcba9876543210fedcba9876543210', 72, 'api', 'a@b', '{}', NULL),
         (9, x'25252525252525252525252525252525', 'fedcba9876543210fedcba9876543210', 73, 'api', 'a@b', '{}', NULL);
INSERT INTO deployment_versions VALUES (5, 0, x'21212121212121212121212121212121', 100),
                                       (9, 0, x'21212121212121212121212121212121', 100);
INSERT INTO asset_sessions VALUES (x'31313131313131313131313131313131', '0123456789abcdef0123456789abcdef', 'hello',
  x'ee', '[]', 4000000000000);
INSERT INTO asset_missing VALUES (x'31313131313131313131313131313131', 'hash');
INSERT INTO worker_assets VALUES ('0123456789abcdef0123456789abcdef', 'hello', 'known', 'text/html', 'blob', 3);
)sql",
    // require version
    "UPDATE triggers SET require_version = 1;",
    // reads
    "",
    // deploy hooks: the row's key is added by make_file
    R"sql(
INSERT INTO deploy_hook_starts VALUES ('0123456789abcdef0123456789abcdef', 80,
  x'13131313131313131313131313131313', 'fedcba9876543210fedcba9876543210');
)sql",
    // usage
    "UPDATE builds SET memory_peak = 1000, cpu_ms = 2000 WHERE number = 1;",
    // previews
    R"sql(
INSERT INTO previews VALUES (x'23232323232323232323232323232323', 'fedcba9876543210fedcba9876543210', 'feat/one',
  'feat-one', 90, 91, '{}');
INSERT INTO versions (id, worker_tag, number, label, created_on, source, author_email, main_module, body_part,
  compatibility_date, compatibility_flags_json, bindings_json, annotations_json, limits_json, assets_config_json,
  etag, handlers_json, has_assets, assets_json, upload_hash, build_uuid, preview_id) VALUES
  (x'22222222222222222222222222222222', 'fedcba9876543210fedcba9876543210', -1, '22222222', 92, 'api', 'a@b', 'i.js',
   '', '2026-01-01', '[]', '[]', '{}', 'null', 'null', 'e', '["fetch"]', 0, '[]', 'h', NULL,
   x'23232323232323232323232323232323');
)sql",
    // subdomains
    "",
    // cache epoch
    "UPDATE triggers SET cache_epoch = 5;",
    // pull requests
    R"sql(
INSERT INTO pull_requests VALUES (x'01010101010101010101010101010101', 7, 'https://github.com/octo/hello/pull/7',
  'feature', '0', 1, 100, 101);
UPDATE triggers SET fork_builds = 'without_secrets';
UPDATE builds SET restricted = 1 WHERE number = 3;
)sql",
    // log frames: the chunk is added by make_file
    "",
    // startup time
    "UPDATE versions SET startup_time_ms = 12 WHERE number = 1;",
    // build minutes
    R"sql(
UPDATE accounts SET build_minutes = 300 WHERE id = '0123456789abcdef0123456789abcdef';
INSERT OR REPLACE INTO build_time VALUES ('0123456789abcdef0123456789abcdef', 0, 60000);
)sql",
    // orders
    "",
    // changes
    "INSERT INTO changed_builds VALUES (1, x'11111111111111111111111111111111'); UPDATE change_numbers SET "
    "builds = 1;",
    // previews only
    R"sql(
INSERT INTO preview_assets VALUES ('0123456789abcdef0123456789abcdef', 'hello', '260d432292df18555c39749e59348292',
  'text/html', 'b2', 4);
)sql",
    // clone credentials
    "",
    // repo places
    "",
    // deploy completed
    "UPDATE builds SET deploy_completed = 1 WHERE number = 1;",
    // entrypoints
    R"sql(
UPDATE versions SET entrypoints_json = '["Admin"]';
)sql",
    // cron
    R"sql(
INSERT INTO cron_schedules VALUES ('fedcba9876543210fedcba9876543210', '0 4 * * *', 91, 92, 1, 90, 'ok');
UPDATE builds SET preview_url = 'http://00bbccdd-hello.dev.localhost:8788',
  preview_alias_url = 'http://feat-one-hello.dev.localhost:8788' WHERE number = 1;
)sql",
    // host routes
    R"sql(
INSERT INTO host_routes VALUES ('app.example.com', 'abcdef0123456789abcdef0123456789',
  '0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210', 1, 1, 93);
)sql",
    // fork tokens
    "",
    // build columns
    "",
    // named host routes
    "",
    // deliveries
    R"sql(
INSERT INTO deliveries VALUES (1, x'61616161616161616161616161616161', '0123456789abcdef0123456789abcdef', 1,
  x'01010101010101010101010101010101', 'hello', 'github', 'guid-1', 'd1', 'push', 'verified', 60, 2);
INSERT INTO delivery_refs VALUES (1, 0, '0123456789abcdef0123456789abcdef', 'refs/heads/main', 'main', '', 'c0ffee');
INSERT INTO delivery_verdicts VALUES (1, 0, '0123456789abcdef0123456789abcdef', x'02020202020202020202020202020202',
  'Deploy main', 'hello', 'fedcba9876543210fedcba9876543210', 'main', 'c0ffee', 'built', 'because',
  x'11111111111111111111111111111111');
INSERT INTO delivery_notes VALUES (1, 0, 'a note');
)sql",
    // outbox
    R"sql(
INSERT INTO outbox (build_number, move, made_on) VALUES (2, 'running', 100);
INSERT INTO reports (connection_uuid, account_id, kind, subject, host, wanted, due_on) VALUES
  (x'01010101010101010101010101010101', '0123456789abcdef0123456789abcdef', 'build', 1, 'git.example', 1, 101);
INSERT INTO pull_request_builds VALUES (x'01010101010101010101010101010101', 1, 'fedcba9876543210fedcba9876543210', 1, 1);
)sql",
    // forges
    R"sql(
INSERT INTO forges (uuid, account_id, provider, web_url, api_url, app_id, app_slug, client_id, ca, secrets_sealed,
  created_on) VALUES (x'61616161616161616161616161616161', '0123456789abcdef0123456789abcdef', 'github',
  'https://git.example', 'https://git.example/api/v3', '1', 'kiln', 'Iv1', '', x'ab', 102);
)sql",
    // approvals
    "",
    // credentials
    R"sql(
INSERT INTO connection_secrets VALUES (x'01010101010101010101010101010101', 'token', 94, 0, x'ff', '');
INSERT INTO watches (connection_uuid, poll_seconds) VALUES (x'01010101010101010101010101010101', 60);
INSERT INTO seen_heads VALUES (x'01010101010101010101010101010101', 'main', 'c0ffee');
)sql",
    // stories
    R"sql(
UPDATE builds SET sentence = 'Failed: x', failed_step = 'build' WHERE number = 1;
INSERT INTO build_steps VALUES (1, 1, 1, 'build', 'failed', 40, 50, 'make', 2, NULL, 1);
INSERT INTO build_tools VALUES (1, 0, 'nodejs', '22.1.0');
INSERT INTO build_caches VALUES (1, 'dependencies', 1, 'saved', 12);
INSERT INTO account_events (account_id, kind, subject) VALUES ('0123456789abcdef0123456789abcdef', 'build',
  '11111111111111111111111111111111');
)sql",
    // sessions
    R"sql(
INSERT INTO login_codes VALUES (x'aa', NULL, 'ci:read', 'owner', 4000000000000);
INSERT INTO sessions VALUES (1, x'71717171717171717171717171717171', x'ab', NULL, NULL, 'ci:read', 'owner', 1, 2,
  4000000000000, '127.0.0.1', 'a browser');
)sql",
    // events
    R"sql(
INSERT INTO queues VALUES (1, '00112233445566778899aabbccddeeff', '0123456789abcdef0123456789abcdef', 'builds', 0, 345600,
  0, NULL, 0, 0, 103, 104);
INSERT INTO queue_consumers VALUES ('10112233445566778899aabbccddeeff', 1, 'http_pull', 5, 3, 30000, 0, '', 105);
INSERT INTO queue_messages (queue_number, id, body, content_type, sent_on, visible_on, expires_on, lease) VALUES
  (1, x'71717171717171717171717171717171', x'7b7d', 'json', 106, 106, 4000000000000, NULL);
INSERT INTO event_subscriptions VALUES (1, '20112233445566778899aabbccddeeff', '0123456789abcdef0123456789abcdef',
  'all', 1, 'hello', 1, '["build.failed"]', 107, 108);
INSERT INTO sinks VALUES (1, x'81818181818181818181818181818181', '0123456789abcdef0123456789abcdef', 'ops', 'webhook',
  'https://ops.example', '', '["build.failed"]', 'all', 0, 1, '', x'ab', 109, 110);
INSERT INTO sink_deliveries (uuid, sink_number, subject, event, body, state, made_on, due_on) VALUES
  (x'91919191919191919191919191919191', 1, x'11111111111111111111111111111111', 'cf.workersBuilds.worker.build.failed',
  '{}', 'waiting', 111, 112);
)sql",
    // kv
    R"sql(
INSERT INTO kv_namespaces VALUES (1, '30112233445566778899aabbccddeeff', '0123456789abcdef0123456789abcdef', 'sessions',
  120);
)sql",
    // audit
    R"sql(
INSERT INTO audit VALUES (1, '0123456789abcdef0123456789abcdef', 113, 'token', 't', 'laptop', '192.0.2.7',
  'createTrigger', '', '', '[]');
)sql",
    // telemetry
    R"sql(
INSERT INTO traces_due VALUES (x'11111111111111111111111111111111', 113, 0);
)sql",
    // people
    R"sql(
INSERT INTO sessions (id, secret_hash, account_id, permissions, name, created_on, last_used_on, expires_on, address,
  user_agent, person, granted_by) VALUES (x'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', x'a2', '0123456789abcdef0123456789abcdef',
  'ci:read', 'ada', 121, 122, 4000000000000, '127.0.0.1', '', 'https://id.example 1', 'ab');
)sql",
    // steering
    R"sql(
UPDATE triggers SET paused = 1;
UPDATE api_tokens SET old_secret_hash = x'ac', old_until = 4000000000000;
UPDATE accounts SET deleted_on = 113 WHERE id = '1123456789abcdef0123456789abcdef';
)sql",
    // thinned
    R"sql(
INSERT INTO thinned VALUES ('00112233445566778899aabbccddeeff', 'builds', '0123456789abcdef0123456789abcdef', 1, 1);
)sql",
    // d1
    R"sql(
INSERT INTO d1_databases VALUES (1, '31112233-4455-4677-8899-aabbccddeeff', '0123456789abcdef0123456789abcdef', 'shop-db',
  122);
)sql",
    // reports
    R"sql(
UPDATE reports SET refusals = 1;
INSERT INTO report_rests VALUES ('https://api.github.com', 123, 1);
UPDATE sinks SET rests_until = 124;
)sql",
    // pushed: indexes alone
    "",
    // r2
    R"sql(
INSERT INTO r2_buckets VALUES (1, '32112233445566778899aabbccddeeff', '0123456789abcdef0123456789abcdef', 'shop-media',
  'Standard', 122);
)sql",
    // queue workers
    R"sql(
INSERT INTO queues VALUES (2, '01112233445566778899aabbccddeeff', '0123456789abcdef0123456789abcdef', 'orders', 0, 345600,
  0, NULL, 0, 0, 103, 104);
INSERT INTO queue_consumers VALUES ('11112233445566778899aabbccddeeff', 2, 'worker', 10, 3, 30000, 0, 'builds', 105,
  'fedcba9876543210fedcba9876543210', 5000, 2);
)sql",
    // badges
    R"sql(
INSERT INTO badges VALUES ('fedcba9876543210fedcba9876543210', '0123456789abcdef0123456789abcdef', x'01', x'02', 'main',
  123);
)sql",
    // attestations
    R"sql(
INSERT INTO signing_keys VALUES ('attestations', zeroblob(32), x'ad', 123);
INSERT INTO build_materials VALUES (1, x'ae');
INSERT INTO attestations SELECT id, 124, x'af' FROM versions LIMIT 1;
)sql",
    // renames
    R"sql(
UPDATE repo_connections SET renamed_on = 125;
)sql",
});

// A file as the program of that version left it, which had lived through all versions before.
inline void make_file(const std::filesystem::path& file, std::size_t version) {
  Connection db(file, false);
  db.execute("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  for (std::size_t i = 0; i < version; ++i) {
    apply(db, migrations()[i]);
    db.query("INSERT INTO migrations (name) VALUES (?)").bind(migrations()[i].name).run();
    if (i < kRows.size()) db.execute(kRows[i]);
    const std::string_view name = migrations()[i].name;
    if (name == "deploy hooks") {
      db.query(
            "INSERT INTO deploy_hooks (uuid_hash, uuid_sealed, account_id, worker_tag, name, branch, "
            "created_on, "
            "modified_on) VALUES (?, x'ff', ?, ?, 'cms', 'main', 81, 82)")
          .bind_blob(sha256(id_of(kHook).raw()))
          .bind(kAccount)
          .bind(kTag)
          .run();
    } else if (name == "log frames") {
      db.query(
            "INSERT INTO build_logs (build_uuid, first_line, writer, seq, line_count, lines_json, frame) "
            "VALUES "
            "(?, 2, ?, 1, 1, '', ?)")
          .bind(id_of(kDone))
          .bind(id_of(kLease))
          .bind_blob(model::pack({{3, "three"}}).frame)
          .run();
    }
  }
}

}  // namespace kiln::store::sqlite
