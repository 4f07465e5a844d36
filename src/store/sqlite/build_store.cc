#include "store/sqlite/build_store.h"

#include <fmt/format.h>

#include <unordered_map>

#include "store/sqlite/build_rows.h"

namespace kiln::store::sqlite {
namespace {

std::vector<std::int64_t> all_numbers(Query& query) {
  std::vector<std::int64_t> out;
  while (query.step()) out.push_back(query.integer(0));
  return out;
}

std::vector<BuildView> views_of(Connection& db, const std::vector<std::int64_t>& numbers) {
  ViewLoader loader(db);
  std::vector<BuildView> out;
  out.reserve(numbers.size());
  for (const std::int64_t number : numbers) out.push_back(loader.view(number));
  return out;
}

std::int64_t offset_of(const Page& page) {
  return (std::int64_t{page.page} - 1) * page.per_page;
}

}  // namespace

Result<BuildView> SqliteBuildStore::build(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<BuildView> {
    Query row = db.query("SELECT number FROM builds WHERE uuid = ? AND account_id = ?");
    if (!row.bind(uuid).bind(account_id).step()) {
      return fail(Errc::not_found, fmt::format("there is no build {}", uuid.str()), "build_uuid");
    }
    return ViewLoader(db).view(row.integer(0));
  });
}

Result<std::vector<std::pair<Uuid, BuildView>>> SqliteBuildStore::builds_by_versions(
    const std::string& account_id, const std::vector<Uuid>& version_ids) {
  return database_.read([&](Connection& db) -> Result<std::vector<std::pair<Uuid, BuildView>>> {
    std::vector<std::pair<Uuid, BuildView>> out;
    ViewLoader loader(db);
    std::unordered_map<std::int64_t, std::size_t> seen;  // build → where `out` has it
    for (const Uuid& id : version_ids) {
      Query row = db.query(
          "SELECT b.number FROM version_builds v JOIN builds b ON b.uuid = v.build_uuid "
          "WHERE v.version_id = ? AND v.account_id = ?");
      if (!row.bind(id).bind(account_id).step()) continue;
      const std::int64_t number = row.integer(0);
      const auto [at, fresh] = seen.try_emplace(number, out.size());
      BuildView view = fresh ? loader.view(number) : out[at->second].second;
      out.emplace_back(id, std::move(view));
    }
    return out;
  });
}

Result<std::vector<std::pair<std::string, BuildView>>> SqliteBuildStore::latest_builds(
    const std::string& account_id, const std::vector<std::string>& worker_tags) {
  return database_.read([&](Connection& db) -> Result<std::vector<std::pair<std::string, BuildView>>> {
    std::vector<std::pair<std::string, BuildView>> out;
    ViewLoader loader(db);
    for (const std::string& tag : worker_tags) {
      Query row = db.query(
          "SELECT number FROM builds WHERE account_id = ? AND worker_tag = ? ORDER BY number DESC LIMIT 1");
      if (row.bind(account_id).bind(tag).step()) out.emplace_back(tag, loader.view(row.integer(0)));
    }
    return out;
  });
}

Result<Paged<BuildView>> SqliteBuildStore::builds_of_worker(const std::string& account_id,
                                                            const std::string& worker_tag, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<BuildView>> {
    Query worker = db.query("SELECT 1 FROM workers WHERE tag = ? AND account_id = ?");
    if (!worker.bind(worker_tag).bind(account_id).step()) {
      return fail(
          Errc::not_found,
          fmt::format("there is no Worker with the tag \"{}\"; give its tag (32 hex digits), not its name",
                      worker_tag),
          "external_script_id");
    }
    Paged<BuildView> out;
    Query count = db.query("SELECT count(*) FROM builds WHERE account_id = ? AND worker_tag = ?");
    if (count.bind(account_id).bind(worker_tag).step())
      out.total = static_cast<std::size_t>(count.integer(0));
    Query rows = db.query(
        "SELECT number FROM builds WHERE account_id = ? AND worker_tag = ? ORDER BY number DESC LIMIT ? "
        "OFFSET ?");
    rows.bind(account_id).bind(worker_tag).bind(page.per_page).bind(offset_of(page));
    out.items = views_of(db, all_numbers(rows));
    return out;
  });
}

Result<Paged<BuildView>> SqliteBuildStore::builds_of_account(const std::string& account_id, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<BuildView>> {
    Paged<BuildView> out;
    Query count = db.query("SELECT count(*) FROM builds WHERE account_id = ?");
    if (count.bind(account_id).step()) out.total = static_cast<std::size_t>(count.integer(0));
    Query rows =
        db.query("SELECT number FROM builds WHERE account_id = ? ORDER BY number DESC LIMIT ? OFFSET ?");
    rows.bind(account_id).bind(page.per_page).bind(offset_of(page));
    out.items = views_of(db, all_numbers(rows));
    return out;
  });
}

}  // namespace kiln::store::sqlite
