// Every statement of this room reaches its rows through an index, in the order it wants them, and reads no
// history from end to end: a file that has grown for years answers as quickly as a new one. The statements
// are those of the sources, so that none can be forgotten here; migrations, each run once, may read it all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

// Tables that only ever grow with use.
constexpr std::array kHistories = {"builds",         "version_builds", "build_logs",      "hook_deliveries",
                                   "versions",       "deployments",    "version_modules", "version_secrets",
                                   "build_time",     "deliveries",     "delivery_refs",   "delivery_verdicts",
                                   "delivery_notes", "build_steps",    "build_tools",     "build_caches",
                                   "pull_requests",  "attestations"};
// Indexes that hold no more of a history than what is live.
constexpr std::array kLive = {"builds_live",  "builds_leased",      "builds_lease_end",
                              "builds_token", "deliveries_refused", "builds_open"};

struct Exception {
  std::string_view statement;  // begins so
  std::string_view step;       // the step of its plan that is let through begins so
  std::string_view reason;
};
constexpr std::array<Exception, 41> kExceptions = {{
    {"SELECT r.number, r.kind, r.connection_uuid, r.account_id", "SCAN sqlite_sequence",
     "one row a table that numbers its rows so"},
    {"SELECT o.number, o.move, o.made_on, b.uuid", "SCAN o", "the outbox has what waits, in its order"},
    {"SELECT host, min(due_on) FROM reports INDEXED BY reports_due", "SCAN reports USING COVERING INDEX",
     "the index has what hosts are still to be told"},
    {"SELECT count(*) FROM reports INDEXED BY reports_failing", "SCAN reports USING INDEX reports_failing",
     "for the doctor: the index has the reports that fail"},
    {"SELECT DISTINCT connection_uuid FROM triggers", "SCAN triggers USING INDEX triggers_connection",
     "the repositories that are looked at, which are few"},
    {"SELECT s.uuid, (SELECT min(d.due_on)", "SCAN s USING INDEX sinks_listening",
     "the sinks, which are few"},
    {"SELECT id, name, subdomain, created_on, build_minutes FROM accounts WHERE deleted_on IS NULL ORDER",
     "SCAN accounts USING INDEX", "lists accounts, or takes the first of the index"},
    {"SELECT uuid FROM repo_connections WHERE clone_url LIKE", "SCAN repo_connections",
     "once at a start, of the repositories, which are few"},
    {"WITH heads AS MATERIALIZED", "SCAN builds USING INDEX builds_live", "the live builds are the queue"},
    {"WITH heads AS MATERIALIZED", "SCAN heads", "one row a lane of the queue"},
    {"WITH heads AS MATERIALIZED", "USE TEMP B-TREE FOR ORDER BY", "fairness orders the lanes of the queue"},
    {"SELECT number FROM builds WHERE account_id = ? ORDER BY number DESC LIMIT ? OFFSET ?",
     "SEARCH builds USING COVERING INDEX builds_account",
     "far pages of an account skip through its index alone"},
    {"DELETE FROM version_secrets WHERE version_id IN (SELECT id FROM versions WHERE worker_tag = ?)",
     "SEARCH", "a deleted Worker's secrets go, all of them"},
    {"DELETE FROM version_secrets WHERE version_id IN (SELECT id FROM versions WHERE preview_id = ?)",
     "SEARCH", "an ended preview's secrets go, all of them"},
    {"DELETE FROM version_aliases WHERE worker_tag = ? AND alias = ? AND version_id IN", "SEARCH versions",
     "an ended preview's deployments, beside those whose secrets go"},
    {"SELECT * FROM (SELECT secret_sealed FROM build_tokens LIMIT 20)", "SCAN",
     "once at a start, the first rows of each table"},
    {"SELECT * FROM named_host_routes ORDER BY pattern", "SCAN",
     "all of them, which the front keeps in memory"},
    {"SELECT count(*) FROM sqlite_master", "SCAN sqlite_master", "at a start, the schema"},
    {"SELECT name, cid FROM pragma_table_info(?)", "SCAN pragma_table_info",
     "at a start, one table's columns"},
    {"SELECT name, value_sealed FROM version_secrets WHERE version_id = ?", "SEARCH version_secrets",
     "one version's"},
    {"SELECT number, worker_tag, branch, author, commit_hash, outcome, status, created_on FROM builds "
     "INDEXED BY builds_commit",
     "USE TEMP B-TREE FOR ORDER BY", "the builds of one commit, which are few"},
    {"SELECT count(*), min(created_on) FROM builds INDEXED BY builds_waiting",
     "SCAN builds USING COVERING INDEX builds_waiting", "the index has the builds that wait"},
    {"SELECT count(*) FROM builds INDEXED BY builds_unapproved",
     "SCAN builds USING COVERING INDEX builds_unapproved", "the index has the builds that wait"},
    {"SELECT made_on FROM outbox ORDER BY number LIMIT 1", "SCAN outbox", "its first row"},
    {"SELECT count(*) FROM traces_due", "SCAN traces_due USING COVERING INDEX",
     "what waits for the collector"},
    {"SELECT due_on FROM traces_due INDEXED BY traces_due_on ORDER BY due_on LIMIT 1",
     "SCAN traces_due USING COVERING INDEX", "its first row"},
    {"SELECT id, token_id, account_id, name, permissions, created_on, last_used_on, expires_on, address, "
     "user_agent, person FROM sessions ORDER BY",
     "SCAN sessions", "all of them, which are few"},
    {"DELETE FROM sessions WHERE account_id = ?", "SCAN sessions", "all of them, which are few"},
    {"DELETE FROM login_codes WHERE account_id = ?", "SCAN login_codes", "good for minutes, so few"},
    {"SELECT id FROM kv_namespaces", "SCAN kv_namespaces", "at a start and with a prune, all of them"},
    {"SELECT number FROM deliveries INDEXED BY deliveries_unconnected",
     "SEARCH deliveries USING INDEX deliveries_unconnected", "the index has a thousand an account"},
    {"INSERT INTO outbox (build_number, move, made_on, account_id, detail) SELECT DISTINCT",
     "USE TEMP B-TREE FOR DISTINCT", "accounts that somebody listens for, once as the disk gets full"},
    {"INSERT INTO outbox (build_number, move, made_on, account_id, detail) SELECT DISTINCT",
     "SCAN event_subscriptions USING INDEX", "the index has those that are on"},
    {"INSERT INTO outbox (build_number, move, made_on, account_id, detail) SELECT DISTINCT",
     "SCAN sinks USING INDEX", "the index has those that are on"},
    {"INSERT INTO outbox (build_number, move, made_on, account_id, detail) SELECT DISTINCT",
     "SCAN event_listeners", "both of these"},
    {"SELECT id FROM d1_databases", "SCAN d1_databases", "at a start and with a prune, all of them"},
    {"SELECT id FROM r2_buckets", "SCAN r2_buckets", "at a start and with a prune, all of them"},
    {"SELECT q.account_id, q.id, q.name, w.tag, w.name, c.max_concurrency FROM queue_consumers c",
     "SCAN c USING INDEX queue_consumers_workers",
     "the index has the consumers that are Workers, all of them"},
    {"UPDATE queue_messages SET lease = NULL, attempts = attempts - 1, visible_on = sent_on WHERE lease IS",
     "SCAN queue_consumers USING INDEX queue_consumers_workers", "the same, at a start"},
    {"SELECT w.name, json_extract(b.value, '$.queue_name') FROM workers w", "SCAN b VIRTUAL TABLE INDEX 1",
     "the bindings of a live version"},
    {"SELECT id FROM accounts WHERE deleted_on IS NULL ORDER BY", "SCAN accounts USING INDEX accounts_age",
     "the first one, in the order of the index"},
}};

// The text between the quotes that begin at `at`, neighbours joined; empty when there is none.
std::string literal_at(std::string_view source, std::size_t at) {
  std::string out;
  while (true) {
    at = source.find_first_not_of(" \n", at);
    if (at == std::string_view::npos || source[at] != '"') return out;
    for (++at; source[at] != '"'; ++at) {
      if (source[at] == '\\') ++at;
      out += source[at];
    }
    ++at;
  }
}

// The statements that this room's sources prepare. Those of upkeep/ are not among them: a backup, a check and
// what is too old are looked for through it all, a piece at a time.
std::deque<std::string> all_statements() {
  std::deque<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(KILN_SQL_SOURCES)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename();
    if (name.ends_with("_test.cc") || name.starts_with("migration_")) continue;
    const std::string source = *read_file(entry.path(), std::size_t{1} << 20U);
    for (const std::string_view call : {".query(", "->query("}) {
      for (std::size_t at = source.find(call); at != std::string::npos; at = source.find(call, at + 1)) {
        out.push_back(literal_at(source, at + call.size()));
        EXPECT_FALSE(out.back().empty())
            << name << ": a statement that is no literal: " << source.substr(at, 80);
      }
    }
  }
  return out;
}

bool has_word(std::string_view text, std::string_view word) {
  const std::string padded = " " + std::string(text) + " ";
  return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

template <typename Words>
bool names_one_of(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return has_word(text, word); });
}

// "SEARCH r USING …" as "SEARCH builds USING …", for the alias in "builds r".
std::string with_table(std::string step, std::string_view sql) {
  for (const std::string_view history : kHistories) {
    for (const std::string_view keyword : {"FROM ", "JOIN "}) {
      for (const std::string_view between : {" ", " AS "}) {
        const std::string named = std::string(keyword) + std::string(history) + std::string(between);
        for (std::size_t at = sql.find(named); at != std::string_view::npos; at = sql.find(named, at + 1)) {
          const std::string_view rest = sql.substr(at + named.size());
          const std::string alias(rest.substr(0, rest.find_first_of(" ,)")));
          const std::string prefix = "SEARCH " + alias + " ";
          if (step.starts_with(prefix))
            step = "SEARCH " + std::string(history) + " " + step.substr(prefix.size());
        }
      }
    }
  }
  return step;
}

// Whether the step reads so much of a history as the history is long.
bool reads_a_history(const std::string& step, std::string_view sql) {
  if (!step.starts_with("SEARCH") || !names_one_of(step, kHistories) || names_one_of(step, kLive))
    return false;
  const bool by_key =
      step.find("(rowid=?)") != std::string::npos || step.find("_autoindex_") != std::string::npos ||
      step.find("USING PRIMARY KEY (version_id=? AND") != std::string::npos ||
      step.find("PRIMARY KEY (account_id=? AND month=?)") != std::string::npos ||
      step.find("versions_label (worker_tag=? AND label=?)") != std::string::npos ||
      step.find("version_builds_version (version_id=?)") != std::string::npos ||
      step.find("pull_requests USING PRIMARY KEY (connection_uuid=? AND number=?)") != std::string::npos ||
      step.find("version_builds USING PRIMARY KEY (build_number=?)") != std::string::npos ||
      step.find("version_modules USING PRIMARY KEY (version_id=?)") != std::string::npos ||
      step.find("hook_deliveries USING PRIMARY KEY (provider=? AND delivery_id=?)") != std::string::npos ||
      step.find("deliveries_key (provider=? AND delivery_key=?)") != std::string::npos ||
      step.find("USING PRIMARY KEY (delivery=?)") != std::string::npos ||
      step.find("USING PRIMARY KEY (build_number=?") != std::string::npos ||
      step.find("build_logs_writer (build_uuid=? AND writer=? AND seq=?)") != std::string::npos;
  const bool end_of_index =
      sql.find("max(") != std::string_view::npos || sql.find("min(") != std::string_view::npos;
  const bool page = has_word(sql, "LIMIT") && !has_word(sql, "OFFSET");
  const bool counts =
      sql.find("count(") != std::string_view::npos || sql.find("sum(") != std::string_view::npos;
  return !by_key && (counts || !(end_of_index || page));
}

bool is_let_through(std::string_view sql, std::string_view step, std::array<bool, kExceptions.size()>& used) {
  for (std::size_t i = 0; i < kExceptions.size(); ++i) {
    if (!sql.starts_with(kExceptions[i].statement) || !step.starts_with(kExceptions[i].step)) continue;
    used[i] = true;
    return true;
  }
  return false;
}

TEST(QueryPlans, SortNothingAndReadNoHistory) {
  testing::TestStore t;
  const std::deque<std::string> statements = all_statements();
  EXPECT_GT(statements.size(), 150U);
  std::array<bool, kExceptions.size()> used{};
  std::deque<std::string> explains;  // the texts are the keys of the connection's cache
  Connection db(t.file(), true);
  // Beside a trigger, SQLite plans to look for children of the row that it inserts, which it does only while
  // a constraint is broken: never, since none is deferred.
  Connection inserting(t.file(), true);
  inserting.execute("PRAGMA foreign_keys=OFF");
  for (const std::string& sql : statements) {
    if (sql == "BEGIN" || sql == "BEGIN IMMEDIATE" || sql == "COMMIT" || sql == "ROLLBACK") continue;
    Query plan = (sql.starts_with("INSERT") ? inserting : db)
                     .query(explains.emplace_back("EXPLAIN QUERY PLAN " + sql).c_str());
    while (plan.step()) {
      const std::string step = with_table(plan.text(3), sql);
      const bool slow = step.starts_with("SCAN") || step.find("TEMP B-TREE") != std::string::npos ||
                        step.find("AUTOMATIC") != std::string::npos || reads_a_history(step, sql);
      if (!slow || step == "SCAN CONSTANT ROW" || is_let_through(sql, step, used)) continue;
      ADD_FAILURE() << step << "\nin " << sql;
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    EXPECT_TRUE(used[i]) << "no statement needs the exception of " << kExceptions[i].statement;
  }
}

TEST(QueryPlans, WouldBeCaughtByThisTest) {
  EXPECT_TRUE(reads_a_history("SEARCH builds USING INDEX builds_worker (account_id=?)",
                              "SELECT count(*) FROM builds WHERE account_id = ?"));
  EXPECT_EQ(with_table("SEARCH r USING INDEX builds_worker (account_id=?)", "SELECT 1 FROM builds r WHERE"),
            "SEARCH builds USING INDEX builds_worker (account_id=?)");
  EXPECT_FALSE(reads_a_history("SEARCH builds USING INDEX builds_leased (account_id=?)",
                               "SELECT count(*) FROM builds WHERE account_id = ?"));
  EXPECT_TRUE(reads_a_history("SEARCH versions USING COVERING INDEX versions_number (worker_tag=?)",
                              "SELECT id FROM versions WHERE worker_tag = ? LIMIT ? OFFSET ?"));
}

}  // namespace
}  // namespace kiln::store::sqlite
