#include "store/sqlite/version_rows.h"

#include <algorithm>

#include "store/sqlite/asset_rows.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/preview_rows.h"
#include "store/sqlite/thinned_rows.h"

namespace kiln::store::sqlite {
namespace {

// The columns that every query of versions begins with, in this order.
model::Version row_to_version(const Query& query, const std::string& worker_tag) {
  model::Version version;
  version.worker_tag = worker_tag;
  version.id = query.uuid(0);
  version.number = static_cast<int>(query.integer(1));
  version.created_on = query.integer(2);
  version.source = query.text(3);
  version.author_email = query.text(4);
  version.main_module = query.text(5);
  version.body_part = query.text(6);
  version.compatibility_date = query.text(7);
  version.compatibility_flags_json = query.text(8);
  version.bindings_json = query.text(9);
  version.annotations_json = query.text(10);
  version.limits_json = query.text(11);
  version.assets_config_json = query.text(12);
  version.etag = query.text(13);
  version.handlers = words_from_json(query.text(14));
  version.has_assets = query.integer(15) != 0;
  version.build_uuid = query.maybe_uuid(16);
  version.preview_id = query.maybe_uuid(17);
  version.startup_time_ms = static_cast<int>(query.integer(18));
  version.entrypoints = words_from_json(query.text(19));
  return version;
}

void read_modules(Connection& db, model::Version& version) {
  Query query = db.query(
      "SELECT name, content_type, blob, size FROM version_modules WHERE version_id = ? ORDER BY position");
  query.bind(version.id);
  while (query.step()) {
    version.modules.push_back(
        {query.text(0), query.text(1), query.text(2), static_cast<std::size_t>(query.integer(3))});
  }
}

void insert_parts(Connection& db, const NewVersion& fresh, const SecretBox& box, Entropy& entropy) {
  const model::Version& version = fresh.version;
  int position = 0;
  for (const model::VersionModule& module : version.modules) {
    db.query(
          "INSERT INTO version_modules (version_id, position, name, content_type, blob, size) VALUES (?, ?, "
          "?, ?, ?, ?)")
        .bind(version.id)
        .bind(position++)
        .bind(module.name)
        .bind(module.content_type)
        .bind(module.blob)
        .bind(static_cast<std::int64_t>(module.size))
        .run();
  }
  for (const auto& [name, value] : fresh.secrets) {
    db.query("INSERT INTO version_secrets (version_id, name, value_sealed) VALUES (?, ?, ?)")
        .bind(version.id)
        .bind(name)
        .bind_blob(box.seal(value, entropy))
        .run();
  }
  if (!fresh.alias.empty()) point_alias(db, version, fresh.alias, fresh.max_aliases);
}

std::string label_of(const model::Version& version) {
  return version.id.str().substr(0, 8);
}

}  // namespace

Status check_lease(Connection& db, const Uuid& build, const std::string& worker_tag) {
  Query query = db.query(
      "SELECT 1 FROM builds WHERE uuid = ? AND worker_tag = ? AND lease_until IS NOT NULL AND status <> "
      "'stopped'");
  query.bind(build).bind(worker_tag);
  if (query.step()) return {};
  return fail(Errc::forbidden,
              "build " + build.str() +
                  " is not running any more (it stopped, or was taken from its runner): nothing was "
                  "uploaded or deployed");
}

std::optional<model::Version> read_version(Connection& db, const std::string& worker_tag, const Uuid& id) {
  std::optional<model::Version> version;
  {
    Query query = db.query(
        "SELECT id, number, created_on, source, author_email, main_module, body_part, compatibility_date, "
        "compatibility_flags_json, bindings_json, annotations_json, limits_json, assets_config_json, etag, "
        "handlers_json, has_assets, build_uuid, preview_id, startup_time_ms, entrypoints_json, assets_json "
        "FROM versions WHERE worker_tag = ? AND id = ?");
    query.bind(worker_tag).bind(id);
    if (!query.step()) return std::nullopt;
    version = row_to_version(query, worker_tag);
    version->assets = files_from_json(query.text(20));
  }
  read_modules(db, *version);
  return version;
}

std::optional<Uuid> latest_version_id(Connection& db, const std::string& worker_tag) {
  Query query =
      db.query("SELECT id FROM versions WHERE worker_tag = ? AND number > 0 ORDER BY number DESC LIMIT 1");
  query.bind(worker_tag);
  if (!query.step()) return std::nullopt;
  return query.uuid(0);
}

std::optional<Uuid> base_version_id(Connection& db, const std::string& worker_tag) {
  Query query = db.query(
      "SELECT id FROM versions WHERE worker_tag = ? AND number > 0 AND previews_only = 0 ORDER BY number "
      "DESC LIMIT 1");
  query.bind(worker_tag);
  if (!query.step()) return std::nullopt;
  return query.uuid(0);
}

std::optional<Uuid> base_of(Connection& db, const model::Version& version) {
  return version.preview_id ? latest_preview_version(db, *version.preview_id)
                            : base_version_id(db, version.worker_tag);
}

std::optional<Uuid> latest_like(Connection& db, const model::Version& version) {
  return version.preview_id ? latest_preview_version(db, *version.preview_id)
                            : latest_version_id(db, version.worker_tag);
}

Paged<model::Version> read_versions(Connection& db, const std::string& worker_tag, Page page) {
  Paged<model::Version> found;
  std::int64_t last = 0;
  {
    Query newest = db.query("SELECT max(0, coalesce(max(number), 0)) FROM versions WHERE worker_tag = ?");
    newest.bind(worker_tag);
    if (newest.step()) last = newest.integer(0);
  }
  const Thinned thinned = load_thinned(db, worker_tag, "versions");
  found.total = static_cast<std::size_t>(last - thinned.gone);
  PagePlace place = place_of(page, last, thinned);
  Query query = db.query(
      "SELECT id, number, created_on, source, author_email, main_module, body_part, compatibility_date, "
      "compatibility_flags_json, bindings_json, annotations_json, limits_json, assets_config_json, etag, "
      "handlers_json, has_assets, build_uuid, preview_id, startup_time_ms, entrypoints_json FROM versions "
      "WHERE worker_tag = ? AND number > 0 AND number <= ? ORDER BY number DESC LIMIT ?");
  query.bind(worker_tag).bind(place.at_most).bind(place.skip + page.per_page);
  while (query.step()) {
    if (place.skip-- <= 0) found.items.push_back(row_to_version(query, worker_tag));
  }
  return found;
}

std::optional<Uuid> repeated_upload(Connection& db, const NewVersion& fresh) {
  if (!fresh.version.build_uuid || fresh.upload_hash.empty()) return std::nullopt;
  const std::optional<Uuid> latest = latest_like(db, fresh.version);
  if (!latest) return std::nullopt;
  Query query = db.query("SELECT build_uuid, upload_hash FROM versions WHERE id = ?");
  query.bind(*latest);
  const bool same =
      query.step() && query.maybe_uuid(0) == fresh.version.build_uuid && query.text(1) == fresh.upload_hash;
  return same ? latest : std::nullopt;
}

bool label_taken(Connection& db, const model::Version& version) {
  Query query = db.query("SELECT 1 FROM versions WHERE worker_tag = ? AND label = ?");
  query.bind(version.worker_tag).bind(label_of(version));
  return query.step();
}

int next_version_number(Connection& db, const model::Version& version) {
  // Two queries, because each end of the index is found at once only by itself.
  Query query = version.preview_id
                    ? db.query("SELECT coalesce(min(number), 0) FROM versions WHERE worker_tag = ?")
                    : db.query("SELECT coalesce(max(number), 0) FROM versions WHERE worker_tag = ?");
  query.bind(version.worker_tag);
  if (!query.step()) throw SqlError(SQLITE_ERROR, "a new version got no number");
  const auto end = static_cast<int>(query.integer(0));
  return version.preview_id ? std::min(end, 0) - 1 : std::max(end, 0) + 1;
}

void insert_version(Connection& db, const NewVersion& fresh, const SecretBox& box, Entropy& entropy) {
  const model::Version& version = fresh.version;
  db.query(
        "INSERT INTO versions (id, worker_tag, number, label, created_on, source, author_email, main_module, "
        "body_part, compatibility_date, compatibility_flags_json, bindings_json, annotations_json, "
        "limits_json, assets_config_json, etag, handlers_json, has_assets, assets_json, upload_hash, "
        "build_uuid, preview_id, startup_time_ms, previews_only, entrypoints_json) VALUES (?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(version.id)
      .bind(version.worker_tag)
      .bind(version.number)
      .bind(label_of(version))
      .bind(version.created_on)
      .bind(version.source)
      .bind(version.author_email)
      .bind(version.main_module)
      .bind(version.body_part)
      .bind(version.compatibility_date)
      .bind(version.compatibility_flags_json)
      .bind(version.bindings_json)
      .bind(version.annotations_json)
      .bind(version.limits_json)
      .bind(version.assets_config_json)
      .bind(version.etag)
      .bind(words_to_json(version.handlers))
      .bind(version.has_assets)
      .bind(files_to_json(version.assets))
      .bind(fresh.upload_hash)
      .bind(version.build_uuid)
      .bind(version.preview_id)
      .bind(version.startup_time_ms)
      .bind(fresh.previews_only)
      .bind(words_to_json(version.entrypoints))
      .run();
  insert_parts(db, fresh, box, entropy);
}

void note_build(Connection& db, const NewVersion& fresh) {
  const model::Version& version = fresh.version;
  const UploadedVersion uploaded{version.id, fresh.has_preview, fresh.alias};
  if (!map_version(db, uploaded, *version.build_uuid, version.created_on)) {
    throw SqlError(SQLITE_CONSTRAINT, "a new version's id is mapped to a build already");
  }
  db.query("UPDATE builds SET modified_on = ? WHERE uuid = ?")
      .bind(version.created_on)
      .bind(*version.build_uuid)
      .run();
}

Result<std::map<std::string, std::string>> read_secrets(Connection& db, const Uuid& id,
                                                        const SecretBox& box) {
  std::map<std::string, std::string> secrets;
  Query query = db.query("SELECT name, value_sealed FROM version_secrets WHERE version_id = ?");
  query.bind(id);
  while (query.step()) {
    Result<std::string> value = box.unseal(query.text(1));
    if (!value) return context(value.error(), "reading a secret of version " + id.str());
    secrets[query.text(0)] = std::move(*value);
  }
  return secrets;
}

}  // namespace kiln::store::sqlite
