#include "store/sqlite/deployment_rows.h"

#include "store/sqlite/thinned_rows.h"

namespace kiln::store::sqlite {
namespace {

bool has_version(Connection& db, const std::string& worker_tag, const Uuid& id) {
  Query query = db.query("SELECT 1 FROM versions WHERE id = ? AND worker_tag = ? AND number > 0");
  query.bind(id).bind(worker_tag);
  return query.step();
}

std::int64_t insert_row(Connection& db, const model::Deployment& deployment) {
  Query query = db.query(
      "INSERT INTO deployments (id, worker_tag, created_on, source, author_email, annotations_json, "
      "build_uuid, ordinal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
      "(SELECT coalesce(max(ordinal), 0) + 1 FROM deployments WHERE worker_tag = ?2)) RETURNING number");
  query.bind(deployment.id)
      .bind(deployment.worker_tag)
      .bind(deployment.created_on)
      .bind(deployment.source)
      .bind(deployment.author_email)
      .bind(deployment.annotations_json)
      .bind(deployment.build_uuid);
  if (!query.step()) throw SqlError(SQLITE_ERROR, "an inserted deployment got no number");
  const std::int64_t number = query.integer(0);
  query.run();
  return number;
}

// Of columns number, id, created_on, source, author_email, annotations_json, build_uuid.
model::Deployment deployment_of_row(Connection& db, Query& row, const std::string& worker_tag) {
  model::Deployment deployment;
  deployment.id = row.uuid(1);
  deployment.worker_tag = worker_tag;
  deployment.created_on = row.integer(2);
  deployment.source = row.text(3);
  deployment.author_email = row.text(4);
  deployment.annotations_json = row.text(5);
  deployment.build_uuid = row.maybe_uuid(6);
  Query targets = db.query(
      "SELECT version_id, percentage FROM deployment_versions WHERE deployment_number = ? ORDER BY "
      "position");
  targets.bind(row.integer(0));
  while (targets.step()) deployment.versions.push_back({targets.uuid(0), targets.real(1)});
  return deployment;
}

}  // namespace

Status insert_deployment(Connection& db, const model::Deployment& deployment) {
  for (const model::DeploymentTarget& target : deployment.versions) {
    if (has_version(db, deployment.worker_tag, target.version_id)) continue;
    return fail(Errc::version_not_found,
                "version " + target.version_id.str() + " is not one of this Worker's versions", "versions");
  }
  const std::int64_t number = insert_row(db, deployment);
  int position = 0;
  for (const model::DeploymentTarget& target : deployment.versions) {
    db.query(
          "INSERT INTO deployment_versions (deployment_number, position, version_id, percentage) VALUES (?, "
          "?, ?, ?)")
        .bind(number)
        .bind(position++)
        .bind(target.version_id)
        .bind(target.percentage)
        .run();
  }
  db.query("UPDATE workers SET modified_on = ? WHERE tag = ?")
      .bind(deployment.created_on)
      .bind(deployment.worker_tag)
      .run();
  return {};
}

Paged<model::Deployment> read_deployments(Connection& db, const std::string& worker_tag, Page page) {
  Paged<model::Deployment> found;
  std::int64_t last = 0;
  {
    Query newest = db.query("SELECT coalesce(max(ordinal), 0) FROM deployments WHERE worker_tag = ?");
    newest.bind(worker_tag);
    if (newest.step()) last = newest.integer(0);
  }
  const Thinned thinned = load_thinned(db, worker_tag, "deployments");
  found.total = static_cast<std::size_t>(last - thinned.gone);
  PagePlace place = place_of(page, last, thinned);
  Query query = db.query(
      "SELECT number, id, created_on, source, author_email, annotations_json, build_uuid FROM deployments "
      "WHERE worker_tag = ? AND ordinal <= ? ORDER BY ordinal DESC LIMIT ?");
  query.bind(worker_tag).bind(place.at_most).bind(place.skip + page.per_page);
  while (query.step()) {
    if (place.skip-- <= 0) found.items.push_back(deployment_of_row(db, query, worker_tag));
  }
  return found;
}

std::optional<model::Deployment> read_deployment(Connection& db, const std::string& worker_tag,
                                                 const Uuid& id) {
  Query query = db.query(
      "SELECT number, id, created_on, source, author_email, annotations_json, build_uuid FROM deployments "
      "WHERE id = ? AND worker_tag = ?");
  query.bind(id).bind(worker_tag);
  if (!query.step()) return std::nullopt;
  return deployment_of_row(db, query, worker_tag);
}

}  // namespace kiln::store::sqlite
