// What a build uploaded, and what leads to it now.
#include "store/sqlite/build_rows.h"
#include "store/sqlite/host_route_rows.h"
#include "store/sqlite/version_store.h"

namespace kiln::store::sqlite {
namespace {

// Nothing when its Worker is gone, or when the version lives at an outside target.
std::optional<BuildUpload> find_upload(Connection& db, const Uuid& version) {
  BuildUpload found;
  found.version_id = version;
  std::string tag;
  {
    Query query = db.query(
        "SELECT w.account_id, w.name, w.subdomain_enabled, w.previews_enabled, coalesce(("
        "  SELECT dv.percentage FROM deployment_versions dv WHERE dv.version_id = v.id AND "
        "  dv.deployment_number = (SELECT max(d.number) FROM deployments d WHERE d.worker_tag = w.tag)), 0), "
        "w.tag, v.compatibility_date, v.created_on "
        "FROM versions v JOIN workers w ON w.tag = v.worker_tag WHERE v.id = ? AND w.deleted_on IS NULL");
    if (!query.bind(version).step()) return std::nullopt;
    found.account_id = query.text(0);
    found.worker_name = query.text(1);
    found.subdomain_enabled = query.integer(2) != 0;
    found.previews_enabled = query.integer(3) != 0;
    found.percentage = query.real(4);
    tag = query.text(5);
    found.compatibility_date = query.text(6);
    found.created_on = query.integer(7);
  }
  Query aliases = db.query(
      "SELECT a.alias FROM version_aliases a JOIN versions v ON v.worker_tag = a.worker_tag AND v.id = "
      "a.version_id WHERE v.id = ? ORDER BY a.alias");
  aliases.bind(version);
  while (aliases.step()) found.aliases.push_back(aliases.text(0));
  found.routes = read_worker_routes(db, tag);
  return found;
}

}  // namespace

Result<std::vector<BuildUpload>> SqliteVersionStore::uploads_of(const Uuid& build) {
  return database_.read([&](Connection& db) -> Result<std::vector<BuildUpload>> {
    std::vector<BuildUpload> uploads;
    std::vector<Uuid> versions;
    {
      Query query = db.query("SELECT number FROM builds WHERE uuid = ?");
      if (!query.bind(build).step()) return uploads;
      if (const std::optional<BuildRow> row = load_row(db, query.integer(0)))
        versions = row->build.version_ids;
    }
    for (const Uuid& version : versions) {
      if (std::optional<BuildUpload> upload = find_upload(db, version)) uploads.push_back(*std::move(upload));
    }
    return uploads;
  });
}

}  // namespace kiln::store::sqlite
