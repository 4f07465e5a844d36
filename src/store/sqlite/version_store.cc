#include "store/sqlite/version_store.h"

#include "store/sqlite/asset_rows.h"
#include "store/sqlite/deployment_rows.h"
#include "store/sqlite/preview_rows.h"
#include "store/sqlite/version_rows.h"
#include "store/sqlite/worker_rows.h"

namespace kiln::store::sqlite {

Result<model::Version> SqliteVersionStore::add_version(const NewVersion& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Version> {
    const std::string& tag = fresh.version.worker_tag;
    if (!worker_lives(db, tag)) return no_worker();
    if (fresh.version.build_uuid) {
      if (const Status held = check_lease(db, *fresh.version.build_uuid, tag); !held) {
        return tl::unexpected<Error>(held.error());
      }
    }
    if (const std::optional<Uuid> same = repeated_upload(db, fresh)) {
      if (std::optional<model::Version> there = read_version(db, tag, *same)) return *std::move(there);
    }
    if (fresh.version.preview_id && !has_preview(db, tag, *fresh.version.preview_id)) {
      return fail(Errc::preview_not_found, "This Worker has no such preview any more.");
    }
    if (fresh.after && base_of(db, fresh.version).value_or(Uuid{}) != *fresh.after) {
      return fail(Errc::conflict, "another version of this Worker was uploaded at the same time; try again");
    }
    if (label_taken(db, fresh.version)) {
      return fail(Errc::conflict, "another version of this Worker begins with the same 8 digits; try again");
    }
    NewVersion numbered = fresh;
    numbered.version.number = next_version_number(db, fresh.version);
    insert_version(db, numbered, box_, entropy_);
    if (fresh.version.build_uuid) note_build(db, numbered);
    db.query("UPDATE workers SET modified_on = ? WHERE tag = ?")
        .bind(fresh.version.created_on)
        .bind(tag)
        .run();
    if (fresh.deployment) {
      if (const Status deployed = insert_deployment(db, *fresh.deployment); !deployed) {
        return tl::unexpected<Error>(deployed.error());
      }
    }
    return std::move(numbered.version);
  });
}

Result<model::Version> SqliteVersionStore::version(const std::string& worker_tag, const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<model::Version> {
    std::optional<model::Version> found = read_version(db, worker_tag, id);
    if (!found) return fail(Errc::version_not_found, "This Worker has no version " + id.str() + ".");
    return *std::move(found);
  });
}

Result<std::optional<model::Version>> SqliteVersionStore::base_version(const std::string& worker_tag) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Version>> {
    const std::optional<Uuid> id = base_version_id(db, worker_tag);
    if (!id) return std::optional<model::Version>();
    return read_version(db, worker_tag, *id);
  });
}

Result<Paged<model::Version>> SqliteVersionStore::versions(const std::string& worker_tag, Page page) {
  return database_.read(
      [&](Connection& db) -> Result<Paged<model::Version>> { return read_versions(db, worker_tag, page); });
}

Result<std::map<std::string, std::string>> SqliteVersionStore::version_secrets(const Uuid& id) {
  return database_.read([&](Connection& db) { return read_secrets(db, id, box_); });
}

Result<RunnableVersion> SqliteVersionStore::runnable_version(const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<RunnableVersion> {
    Query query = db.query(
        "SELECT w.tag, w.account_id, w.name, v.previews_only, coalesce(p.settings_json, w.settings_json) "
        "FROM versions v JOIN workers w ON w.tag = v.worker_tag LEFT JOIN previews p ON p.id = v.preview_id "
        "WHERE v.id = ? AND w.deleted_on IS NULL");
    query.bind(id);
    std::optional<model::Version> version;
    if (query.step()) version = read_version(db, query.text(0), id);
    if (!version) return fail(Errc::version_not_found, "There is no version " + id.str() + ".");
    RunnableVersion found;
    found.account_id = query.text(1);
    found.worker_name = query.text(2);
    found.settings_json = query.text(4);
    std::vector<std::string> hashes;
    hashes.reserve(version->assets.size());
    for (const model::AssetFile& file : version->assets) hashes.push_back(file.hash);
    found.for_previews = query.integer(3) != 0 || version->preview_id.has_value();
    found.assets = read_known(db, found.account_id, found.worker_name, hashes, found.for_previews);
    found.version = *std::move(version);
    Result<std::map<std::string, std::string>> secrets = read_secrets(db, id, box_);
    if (!secrets) return tl::unexpected<Error>(secrets.error());
    found.secrets = *std::move(secrets);
    return found;
  });
}

Status SqliteVersionStore::add_deployment(const model::Deployment& deployment) {
  return database_.write([&](Connection& db) -> Status {
    if (!worker_lives(db, deployment.worker_tag)) return no_worker();
    if (deployment.build_uuid) {
      if (Status held = check_lease(db, *deployment.build_uuid, deployment.worker_tag); !held) return held;
    }
    return insert_deployment(db, deployment);
  });
}

Result<Paged<model::Deployment>> SqliteVersionStore::deployments(const std::string& worker_tag, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::Deployment>> {
    return read_deployments(db, worker_tag, page);
  });
}

Result<std::optional<model::Deployment>> SqliteVersionStore::deployment(const std::string& worker_tag,
                                                                        const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Deployment>> {
    return read_deployment(db, worker_tag, id);
  });
}

}  // namespace kiln::store::sqlite
