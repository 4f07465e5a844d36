#include "store/sqlite/trigger_rows.h"

#include <fmt/format.h>

#include "store/sqlite/rows_json.h"

namespace kiln::store::sqlite {

tl::unexpected<Error> no_connection(const Uuid& uuid) {
  return fail(Errc::not_found, fmt::format("there is no repository connection {}", uuid.str()),
              "repo_connection_uuid");
}

std::optional<model::RepoConnection> load_connection(Connection& db, const Uuid& uuid) {
  Query row = db.query(
      "SELECT account_id, provider_type, provider_account_id, provider_account_name, repo_id, repo_name, "
      "clone_url, created_on, modified_on, deleted_on FROM repo_connections WHERE uuid = ?");
  if (!row.bind(uuid).step()) return std::nullopt;
  model::RepoConnection out;
  out.uuid = uuid;
  out.account_id = row.text(0);
  out.provider_type = row.text(1);
  out.provider_account_id = row.text(2);
  out.provider_account_name = row.text(3);
  out.repo_id = row.text(4);
  out.repo_name = row.text(5);
  out.clone_url = row.text(6);
  out.created_on = row.integer(7);
  out.modified_on = row.integer(8);
  out.deleted_on = row.maybe_integer(9);
  return out;
}

std::optional<model::Trigger> load_trigger(Connection& db, const Uuid& uuid) {
  Query row = db.query(
      "SELECT t.account_id, t.worker_tag, t.name, t.build_command, t.deploy_command, t.root_directory, "
      "t.branch_includes_json, t.branch_excludes_json, t.path_includes_json, t.path_excludes_json, "
      "t.build_caching_enabled, t.require_version, t.build_token_uuid, coalesce(k.name, ''), "
      "t.connection_uuid, t.created_on, "
      "t.modified_on, t.deleted_on, t.fork_builds, t.cache_epoch, t.report_path_skips, t.paused "
      "FROM triggers t LEFT JOIN build_tokens k ON k.uuid = t.build_token_uuid WHERE t.uuid = ?");
  if (!row.bind(uuid).step()) return std::nullopt;
  model::Trigger out;
  out.uuid = uuid;
  out.account_id = row.text(0);
  out.worker_tag = row.text(1);
  out.name = row.text(2);
  out.build_command = row.text(3);
  out.deploy_command = row.text(4);
  out.root_directory = row.text(5);
  out.branch_includes = strings_from_json(row.text(6));
  out.branch_excludes = strings_from_json(row.text(7));
  out.path_includes = strings_from_json(row.text(8));
  out.path_excludes = strings_from_json(row.text(9));
  out.build_caching_enabled = row.integer(10) != 0;
  out.require_version = row.integer(11) != 0;
  out.build_token_uuid = row.maybe_uuid(12);
  out.build_token_name = row.text(13);
  const Uuid connection = row.uuid(14);
  out.created_on = row.integer(15);
  out.modified_on = row.integer(16);
  out.deleted_on = row.maybe_integer(17);
  const std::optional<model::ForkBuilds> fork_builds = model::parse_fork_builds(row.text(18));
  if (!fork_builds) throw SqlError(SQLITE_CORRUPT, "a trigger's rule for forks is damaged");
  out.fork_builds = *fork_builds;
  out.cache_epoch = row.integer(19);
  out.report_path_skips = row.integer(20) != 0;
  out.paused = row.integer(21) != 0;
  std::optional<model::RepoConnection> found = load_connection(db, connection);
  if (!found) throw SqlError(SQLITE_CORRUPT, "a trigger's repository connection is missing");
  out.connection = std::move(*found);
  return out;
}

void end_connection(Connection& db, const Uuid& uuid, TimeMs now) {
  db.query(
        "UPDATE repo_connections SET deleted_on = max(modified_on, ?1), modified_on = max(modified_on, "
        "?1), hook_id = NULL, hook_secret_sealed = NULL, clone_auth_sealed = NULL, host_keys = '' WHERE "
        "uuid = ?2")
      .bind(now)
      .bind(uuid)
      .run();
  db.query("DELETE FROM connection_secrets WHERE connection_uuid = ?").bind(uuid).run();
  db.query("DELETE FROM seen_heads WHERE connection_uuid = ?").bind(uuid).run();
  db.query("DELETE FROM watches WHERE connection_uuid = ?").bind(uuid).run();
}

std::vector<Uuid> all_uuids(Query& query) {
  std::vector<Uuid> out;
  while (query.step()) out.push_back(query.uuid(0));
  return out;
}

std::vector<model::RepoConnection> load_connections(Connection& db, const std::vector<Uuid>& uuids) {
  std::vector<model::RepoConnection> out;
  for (const Uuid& uuid : uuids) {
    if (std::optional<model::RepoConnection> found = load_connection(db, uuid))
      out.push_back(std::move(*found));
  }
  return out;
}

std::vector<model::Trigger> load_triggers(Connection& db, const std::vector<Uuid>& uuids) {
  std::vector<model::Trigger> out;
  for (const Uuid& uuid : uuids) {
    if (std::optional<model::Trigger> found = load_trigger(db, uuid)) out.push_back(std::move(*found));
  }
  return out;
}

}  // namespace kiln::store::sqlite
