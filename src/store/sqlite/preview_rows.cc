#include "store/sqlite/preview_rows.h"

#include <algorithm>
#include <utility>

namespace kiln::store::sqlite {
namespace {

model::Preview row_to_preview(const Query& query, const std::string& worker_tag) {
  model::Preview preview;
  preview.id = query.uuid(0);
  preview.worker_tag = worker_tag;
  preview.name = query.text(1);
  preview.slug = query.text(2);
  preview.created_on = query.integer(3);
  preview.modified_on = query.integer(4);
  preview.settings_json = query.text(5);
  return preview;
}

// The preview that an alias belongs to: its slug, leading to one of its deployments.
std::optional<model::Preview> preview_of_alias(Connection& db, const std::string& worker_tag,
                                               const std::string& alias) {
  Query query = db.query(
      "SELECT p.id, p.name, p.slug, p.created_on, p.modified_on, p.settings_json FROM previews p "
      "JOIN version_aliases a ON a.worker_tag = p.worker_tag AND a.alias = p.slug "
      "JOIN versions v ON v.id = a.version_id AND v.preview_id = p.id WHERE p.worker_tag = ? AND p.slug = ?");
  query.bind(worker_tag).bind(alias);
  if (!query.step()) return std::nullopt;
  return row_to_preview(query, worker_tag);
}

void drop_alias(Connection& db, const std::string& worker_tag, const std::string& alias) {
  if (const std::optional<model::Preview> preview = preview_of_alias(db, worker_tag, alias)) {
    erase_preview(db, *preview);
  }
  db.query("DELETE FROM version_aliases WHERE worker_tag = ? AND alias = ?")
      .bind(worker_tag)
      .bind(alias)
      .run();
}

void keep_newest_aliases(Connection& db, const std::string& worker_tag, const std::string& fresh, int limit) {
  std::vector<std::string> old;
  {
    Query query = db.query(
        "SELECT alias FROM version_aliases WHERE worker_tag = ? AND alias <> ? "
        "ORDER BY modified_on DESC, alias LIMIT -1 OFFSET ?");
    query.bind(worker_tag).bind(fresh).bind(limit - 1);
    while (query.step()) old.push_back(query.text(0));
  }
  for (const std::string& alias : old) drop_alias(db, worker_tag, alias);
}

// The live Workers that triggers build from the connection, as (name, tag).
std::vector<std::pair<std::string, std::string>> workers_of(Connection& db, const Uuid& connection) {
  std::vector<std::pair<std::string, std::string>> workers;
  Query query = db.query(
      "SELECT w.name, w.tag FROM triggers t JOIN workers w ON w.tag = t.worker_tag "
      "WHERE t.connection_uuid = ? AND t.deleted_on IS NULL AND w.deleted_on IS NULL");
  query.bind(connection);
  while (query.step()) workers.emplace_back(query.text(0), query.text(1));
  std::sort(workers.begin(), workers.end());
  workers.erase(std::unique(workers.begin(), workers.end()), workers.end());
  return workers;
}

EndedPreviews end_branch_of(Connection& db, const std::string& worker_tag, const GoneBranch& gone) {
  EndedPreviews ended;
  ended.branch = gone.branch;
  if (const std::optional<model::Preview> preview = find_preview(db, worker_tag, gone.branch);
      preview && preview->name == gone.branch) {
    erase_preview(db, *preview);
    ended.previews.push_back(preview->name);
  }
  {
    // In the order of the table's key.
    Query query = db.query(
        "SELECT a.alias FROM version_aliases a CROSS JOIN versions v ON v.id = a.version_id "
        "JOIN builds b ON b.uuid = v.build_uuid JOIN triggers t ON t.uuid = b.trigger_uuid "
        "WHERE a.worker_tag = ? AND v.preview_id IS NULL AND b.branch = ? AND t.connection_uuid = ? "
        "ORDER BY a.alias");
    query.bind(worker_tag).bind(gone.branch).bind(gone.connection);
    while (query.step()) ended.aliases.push_back(query.text(0));
  }
  for (const std::string& alias : ended.aliases) drop_alias(db, worker_tag, alias);
  return ended;
}

}  // namespace

std::optional<model::Preview> find_preview(Connection& db, const std::string& worker_tag,
                                           const std::string& name_or_id) {
  {
    Query query = db.query(
        "SELECT id, name, slug, created_on, modified_on, settings_json FROM previews "
        "WHERE worker_tag = ? AND name = ?");
    query.bind(worker_tag).bind(name_or_id);
    if (query.step()) return row_to_preview(query, worker_tag);
  }
  const std::optional<Uuid> id = Uuid::parse(name_or_id);
  if (!id) return std::nullopt;
  Query query = db.query(
      "SELECT id, name, slug, created_on, modified_on, settings_json FROM previews "
      "WHERE id = ? AND worker_tag = ?");
  query.bind(*id).bind(worker_tag);
  if (!query.step()) return std::nullopt;
  return row_to_preview(query, worker_tag);
}

bool has_preview(Connection& db, const std::string& worker_tag, const Uuid& id) {
  Query query = db.query("SELECT 1 FROM previews WHERE id = ? AND worker_tag = ?");
  query.bind(id).bind(worker_tag);
  return query.step();
}

void insert_preview(Connection& db, const model::Preview& preview) {
  db.query(
        "INSERT INTO previews (id, worker_tag, name, slug, created_on, modified_on, settings_json) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(preview.id)
      .bind(preview.worker_tag)
      .bind(preview.name)
      .bind(preview.slug)
      .bind(preview.created_on)
      .bind(preview.modified_on)
      .bind(preview.settings_json)
      .run();
}

void erase_preview(Connection& db, const model::Preview& preview) {
  db.query("DELETE FROM version_secrets WHERE version_id IN (SELECT id FROM versions WHERE preview_id = ?)")
      .bind(preview.id)
      .run();
  db.query(
        "DELETE FROM version_aliases WHERE worker_tag = ? AND alias = ? AND "
        "version_id IN (SELECT id FROM versions WHERE preview_id = ?)")
      .bind(preview.worker_tag)
      .bind(preview.slug)
      .bind(preview.id)
      .run();
  db.query("DELETE FROM previews WHERE id = ?").bind(preview.id).run();
}

std::optional<Uuid> latest_preview_version(Connection& db, const Uuid& preview) {
  // Numbers of a preview's deployments fall.
  Query query = db.query("SELECT id FROM versions WHERE preview_id = ? ORDER BY number LIMIT 1");
  query.bind(preview);
  if (!query.step()) return std::nullopt;
  return query.uuid(0);
}

void point_alias(Connection& db, const model::Version& version, const std::string& alias, int max_aliases) {
  db.query(
        "INSERT INTO version_aliases (worker_tag, alias, version_id, modified_on) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (worker_tag, alias) DO UPDATE SET version_id = excluded.version_id, "
        "modified_on = excluded.modified_on")
      .bind(version.worker_tag)
      .bind(alias)
      .bind(version.id)
      .bind(version.created_on)
      .run();
  if (max_aliases > 0) keep_newest_aliases(db, version.worker_tag, alias, max_aliases);
}

std::vector<model::Alias> read_aliases(Connection& db, const std::string& worker_tag) {
  std::vector<model::Alias> aliases;
  Query query = db.query(
      "SELECT alias, version_id, modified_on FROM version_aliases WHERE worker_tag = ? "
      "ORDER BY modified_on DESC, alias");
  query.bind(worker_tag);
  while (query.step()) aliases.push_back({query.text(0), query.uuid(1), query.integer(2)});
  return aliases;
}

std::vector<EndedPreviews> end_branch(Connection& db, const GoneBranch& gone) {
  std::vector<EndedPreviews> all;
  for (const auto& [name, tag] : workers_of(db, gone.connection)) {
    EndedPreviews ended = end_branch_of(db, tag, gone);
    if (ended.aliases.empty() && ended.previews.empty()) continue;
    ended.worker_name = name;
    all.push_back(std::move(ended));
  }
  return all;
}

}  // namespace kiln::store::sqlite
