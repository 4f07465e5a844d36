#include "store/sqlite/watch_store.h"

#include "base/strings.h"
#include "store/sqlite/delivery_rows.h"
#include "store/sqlite/trigger_rows.h"

namespace kiln::store::sqlite {
namespace {

Watched load_watch(Connection& db, model::RepoConnection connection) {
  Watched out;
  Query row = db.query(
      "SELECT poll_seconds, build_first, heads_known, looked_on, next_on, failures, problem FROM watches "
      "WHERE connection_uuid = ?");
  if (row.bind(connection.uuid).step()) {
    out.poll_seconds = static_cast<int>(row.integer(0));
    out.build_first = row.integer(1) != 0;
    out.heads_known = row.integer(2) != 0;
    out.looked_on = row.integer(3);
    out.next_on = row.integer(4);
    out.failures = static_cast<int>(row.integer(5));
    out.problem = row.text(6);
  }
  out.connection = std::move(connection);
  return out;
}

Result<model::RepoConnection> live_connection_of(Connection& db, const Uuid& uuid) {
  std::optional<model::RepoConnection> found = load_connection(db, uuid);
  if (!found || found->deleted_on) return no_connection(uuid);
  return std::move(*found);
}

}  // namespace

Result<std::vector<Watched>> SqliteWatchStore::watched() {
  return database_.read([&](Connection& db) -> Result<std::vector<Watched>> {
    Query rows = db.query("SELECT DISTINCT connection_uuid FROM triggers WHERE deleted_on IS NULL");
    std::vector<Watched> out;
    for (model::RepoConnection& connection : load_connections(db, all_uuids(rows))) {
      if (!connection.deleted_on) out.push_back(load_watch(db, std::move(connection)));
    }
    return out;
  });
}

Result<Watched> SqliteWatchStore::watch(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<Watched> {
    Result<model::RepoConnection> found = live_connection_of(db, connection);
    if (!found) return tl::unexpected<Error>(found.error());
    return load_watch(db, std::move(*found));
  });
}

Status SqliteWatchStore::set_poll(const Uuid& connection, int poll_seconds, bool build_first) {
  return database_.write([&](Connection& db) -> Status {
    const Result<model::RepoConnection> found = live_connection_of(db, connection);
    if (!found) return tl::unexpected<Error>(found.error());
    db.query(
          "INSERT INTO watches (connection_uuid, poll_seconds, build_first) VALUES (?1, ?2, ?3) ON CONFLICT "
          "(connection_uuid) DO UPDATE SET poll_seconds = ?2, build_first = ?3 AND heads_known = 0, next_on "
          "= 0, failures = 0")
        .bind(connection)
        .bind(poll_seconds)
        .bind(build_first)
        .run();
    return {};
  });
}

Result<Heads> SqliteWatchStore::seen(const Uuid& connection) {
  return database_.read([&](Connection& db) -> Result<Heads> {
    Query rows = db.query("SELECT branch, commit_hash FROM seen_heads WHERE connection_uuid = ?");
    rows.bind(connection);
    Heads heads;
    while (rows.step()) heads[rows.text(0)] = rows.text(1);
    return heads;
  });
}

Status SqliteWatchStore::end_look(const Uuid& connection, const LookEnd& end) {
  return database_.write([&](Connection& db) -> Status {
    const Result<model::RepoConnection> found = live_connection_of(db, connection);
    if (!found) return tl::unexpected<Error>(found.error());
    db.query(
          "INSERT INTO watches (connection_uuid, looked_on, next_on, failures, problem) VALUES (?1, ?2, ?3, "
          "?4 <> '', ?4) ON CONFLICT (connection_uuid) DO UPDATE SET looked_on = ?2, next_on = ?3, failures "
          "= CASE WHEN ?4 = '' THEN 0 ELSE failures + 1 END, problem = ?4")
        .bind(connection)
        .bind(end.looked_on)
        .bind(end.next_on)
        .bind(to_valid_utf8(end.problem))
        .run();
    if (!end.heads) return {};
    db.query("DELETE FROM seen_heads WHERE connection_uuid = ?").bind(connection).run();
    for (const auto& [branch, commit] : *end.heads) {
      db.query("INSERT INTO seen_heads (connection_uuid, branch, commit_hash) VALUES (?, ?, ?)")
          .bind(connection)
          .bind(to_valid_utf8(branch))
          .bind(commit)
          .run();
    }
    db.query("UPDATE watches SET heads_known = 1, build_first = 0 WHERE connection_uuid = ?")
        .bind(connection)
        .run();
    return {};
  });
}

Result<std::optional<LastJudged>> SqliteWatchStore::last_judged(const model::RepoConnection& connection,
                                                                const std::string& branch) {
  return database_.read([&](Connection& db) -> Result<std::optional<LastJudged>> {
    const std::optional<LastTold> last = last_told(db, connection, branch);
    if (!last) return std::nullopt;
    return LastJudged{last->after, last->received_on};
  });
}

Result<Heads> SqliteWatchStore::judged_since(const model::RepoConnection& connection, TimeMs since) {
  return database_.read([&](Connection& db) -> Result<Heads> {
    Query rows = db.query(
        "SELECT d.received_on, d.connection_uuid, r.branch, r.after_commit FROM deliveries d LEFT JOIN "
        "delivery_refs r ON r.delivery = d.number AND r.ref = 'refs/heads/' || r.branch WHERE d.account_id = "
        "? ORDER BY d.ordinal DESC LIMIT "
        "10000");
    rows.bind(connection.account_id);
    Heads judged;
    while (rows.step() && rows.integer(0) >= since) {
      const bool of_a_branch = !rows.is_null(2) && !rows.view(2).empty();
      if (of_a_branch && rows.maybe_uuid(1) == connection.uuid) judged.emplace(rows.text(2), rows.text(3));
    }
    return judged;
  });
}

Result<bool> SqliteWatchStore::was_built(const model::RepoConnection& connection, const std::string& branch,
                                         const std::string& commit) {
  return database_.read([&](Connection& db) -> Result<bool> {
    Query row = db.query(
        "SELECT b.commit_hash FROM builds b INDEXED BY builds_branch WHERE b.account_id = ? AND b.branch = ? "
        "AND EXISTS (SELECT 1 FROM triggers t WHERE t.uuid = b.trigger_uuid AND t.connection_uuid = ? AND "
        "t.deleted_on IS NULL) ORDER BY b.number DESC LIMIT 1");
    row.bind(connection.account_id).bind(to_valid_utf8(branch)).bind(connection.uuid);
    return row.step() && row.view(0) == commit;
  });
}

}  // namespace kiln::store::sqlite
