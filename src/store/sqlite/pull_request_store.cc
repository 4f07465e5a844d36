#include "store/sqlite/pull_request_store.h"

#include <utility>

#include "store/sqlite/build_rows.h"
#include "store/sqlite/change_rows.h"
#include "store/sqlite/rows_json.h"

namespace kiln::store::sqlite {
namespace {

// False when what is stored is newer.
bool keep(Connection& db, const PullRequestNote& news) {
  db.query(
        "INSERT INTO pull_requests (connection_uuid, number, url, head_branch, head_commit, is_open, "
        "created_on, updated_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection_uuid, number) DO "
        "UPDATE SET url = excluded.url, head_branch = excluded.head_branch, head_commit = "
        "excluded.head_commit, is_open = excluded.is_open, created_on = excluded.created_on, updated_on = "
        "excluded.updated_on WHERE excluded.updated_on >= pull_requests.updated_on")
      .bind(news.connection)
      .bind(news.number)
      .bind(news.url)
      .bind(news.head_branch)
      .bind(news.head_commit)
      .bind(news.open)
      .bind(news.created_on)
      .bind(news.updated_on)
      .run();
  return db.changes() == 1;
}

// The builds of its head that know of no pull request, or of one that is closed.
std::vector<std::pair<std::int64_t, Uuid>> builds_of_head(Connection& db, const PullRequestNote& news) {
  std::vector<std::pair<std::int64_t, Uuid>> out;
  Query triggers = db.query(
      "SELECT uuid, account_id, worker_tag FROM triggers WHERE connection_uuid = ? AND deleted_on IS NULL");
  triggers.bind(news.connection);
  while (triggers.step()) {
    const Uuid trigger = triggers.uuid(0);
    Query rows = db.query(
        "SELECT number, uuid, trigger_uuid, branch, pull_request_json IS NULL OR EXISTS (SELECT 1 FROM "
        "pull_requests p INDEXED BY pull_requests_url WHERE p.connection_uuid = ?3 AND p.url = "
        "pull_request_json ->> '$.url' AND p.is_open = 0), commit_hash "
        "FROM builds INDEXED BY builds_worker "
        "WHERE account_id = ?1 AND worker_tag = ?2 ORDER BY ordinal DESC LIMIT 100");
    rows.bind(triggers.text(1)).bind(triggers.text(2)).bind(news.connection);
    while (rows.step()) {
      const bool of_head = rows.uuid(2) == trigger && rows.text(3) == news.head_branch &&
                           rows.integer(4) != 0 && rows.view(5).starts_with(news.head_commit);
      if (of_head) out.emplace_back(rows.integer(0), rows.uuid(1));
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Uuid>> SqlitePullRequestStore::note(const PullRequestNote& news) {
  return database_.write([&](Connection& db) -> Result<std::vector<Uuid>> {
    std::vector<Uuid> noted;
    if (!keep(db, news) || !news.open || news.head_branch.empty()) return noted;
    for (const auto& [number, uuid] : builds_of_head(db, news)) {
      db.query("UPDATE builds SET pull_request_json = ?, modified_on = max(modified_on, ?) WHERE number = ?")
          .bind(pull_request_to_json(model::PullRequest{news.created_on, news.url}))
          .bind(database_.now())
          .bind(number)
          .run();
      noted.push_back(uuid);
      note_changed_build(db, uuid);
      const std::optional<BuildRow> row = load_row(db, number);
      if (!row) continue;
      for (const Uuid& version : row->build.version_ids) note_changed_build(db, version);
    }
    return noted;
  });
}

Result<std::optional<PullRequestStore::Noted>> SqlitePullRequestStore::noted(const Uuid& connection,
                                                                             std::int64_t number) {
  return database_.read([&](Connection& db) -> Result<std::optional<Noted>> {
    Query row = db.query(
        "SELECT head_commit, is_open, updated_on FROM pull_requests WHERE connection_uuid = ? AND number = "
        "?");
    if (!row.bind(connection).bind(number).step()) return std::optional<Noted>();
    return std::optional<Noted>({row.text(0), row.integer(1) != 0, row.integer(2)});
  });
}

Result<std::optional<model::PullRequest>> SqlitePullRequestStore::open_of_branch(const Uuid& connection,
                                                                                 const std::string& branch) {
  using Found = std::optional<model::PullRequest>;
  if (branch.empty()) return Found();
  return database_.read([&](Connection& db) -> Result<Found> {
    Query row = db.query(
        "SELECT created_on, url FROM pull_requests WHERE connection_uuid = ? AND head_branch = ? AND is_open "
        "= 1 ORDER BY number DESC LIMIT 1");
    if (!row.bind(connection).bind(branch).step()) return Found();
    return Found(model::PullRequest{row.integer(0), row.text(1)});
  });
}

}  // namespace kiln::store::sqlite
