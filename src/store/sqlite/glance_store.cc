#include "store/sqlite/glance_store.h"

#include "store/sqlite/build_rows.h"

namespace kiln::store::sqlite {
namespace {

// Of columns tag, name, subdomain_enabled, and whether some trigger builds it.
WorkerGlance worker_of(const Query& row) {
  WorkerGlance glance;
  glance.tag = row.text(0);
  glance.name = row.text(1);
  glance.subdomain_enabled = row.integer(2) != 0;
  glance.connected = row.integer(3) != 0;
  return glance;
}

void read_recent(Connection& db, const std::string& account_id, int recent, WorkerGlance& out) {
  std::optional<std::int64_t> latest;
  {
    Query rows = db.query(
        "SELECT number, outcome FROM builds WHERE account_id = ? AND worker_tag = ? ORDER BY ordinal DESC "
        "LIMIT ?");
    rows.bind(account_id).bind(out.tag).bind(recent);
    while (rows.step()) {
      if (!latest) latest = rows.integer(0);
      out.recent.push_back(model::parse_build_outcome(rows.view(1)));
    }
  }
  if (latest) out.latest = load_note(db, *latest);
}

void read_live(Connection& db, const std::string& account_id, WorkerGlance& out) {
  Query rows = db.query(
      "SELECT v.version_id, v.percentage, d.created_on, b.uuid, b.branch, b.commit_hash, b.commit_message, "
      "b.author FROM deployments d CROSS JOIN deployment_versions v ON v.deployment_number = d.number "
      "LEFT JOIN version_builds m ON m.version_id = v.version_id "
      "LEFT JOIN builds b ON b.number = m.build_number AND b.account_id = ?1 "
      "WHERE d.worker_tag = ?2 AND d.ordinal = (SELECT max(ordinal) FROM deployments WHERE worker_tag = ?2) "
      "ORDER BY v.position");
  rows.bind(account_id).bind(out.tag);
  while (rows.step())
    out.live.push_back({rows.uuid(0), rows.real(1), rows.integer(2), rows.maybe_uuid(3), rows.text(4),
                        rows.text(5), rows.text(6), rows.text(7)});
}

void read_rest(Connection& db, const std::string& account_id, int recent, WorkerGlance& out) {
  read_recent(db, account_id, recent, out);
  read_live(db, account_id, out);
}

}  // namespace

Result<std::vector<WorkerGlance>> SqliteGlanceStore::glances(const std::string& account_id, int recent) {
  return database_.read([&](Connection& db) -> Result<std::vector<WorkerGlance>> {
    std::vector<WorkerGlance> glances;
    {
      Query rows = db.query(
          "SELECT w.tag, w.name, w.subdomain_enabled, EXISTS (SELECT 1 FROM triggers t WHERE t.worker_tag = "
          "w.tag AND t.deleted_on IS NULL) FROM workers w WHERE w.account_id = ? AND w.deleted_on IS NULL "
          "ORDER BY w.name");
      rows.bind(account_id);
      while (rows.step()) glances.push_back(worker_of(rows));
    }
    for (WorkerGlance& glance : glances) read_rest(db, account_id, recent, glance);
    return glances;
  });
}

Result<std::optional<WorkerGlance>> SqliteGlanceStore::glance(const std::string& account_id,
                                                              const std::string& worker_tag, int recent) {
  return database_.read([&](Connection& db) -> Result<std::optional<WorkerGlance>> {
    std::optional<WorkerGlance> found;
    {
      Query row = db.query(
          "SELECT w.tag, w.name, w.subdomain_enabled, EXISTS (SELECT 1 FROM triggers t WHERE t.worker_tag = "
          "w.tag AND t.deleted_on IS NULL) FROM workers w WHERE w.account_id = ? AND w.tag = ? AND "
          "w.deleted_on IS NULL");
      if (!row.bind(account_id).bind(worker_tag).step()) return found;
      found = worker_of(row);
    }
    read_rest(db, account_id, recent, *found);
    return found;
  });
}

}  // namespace kiln::store::sqlite
