#include "store/sqlite/build_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/thinned_rows.h"

namespace kiln::store::sqlite {
namespace {

std::vector<std::int64_t> all_numbers(Query& query, std::int64_t skip = 0) {
  std::vector<std::int64_t> out;
  while (query.step()) {
    if (skip-- <= 0) out.push_back(query.integer(0));
  }
  return out;
}

constexpr const char* kMissingBuild = "a build that an index names is missing";

// About how many versions there are: a build rarely makes more than one.
std::int64_t count_of_builds(Database& database) {
  return database
      .read([](Connection& db) -> Result<std::int64_t> {
        Query last = db.query("SELECT coalesce(max(number), 0) FROM builds");
        return last.step() ? last.integer(0) : 0;
      })
      .value_or(0);
}

// A build that an index has just named.
BuildRow list_row_at(Connection& db, std::int64_t number) {
  std::optional<BuildRow> row = load_row(db, number);
  if (!row) throw SqlError(SQLITE_CORRUPT, kMissingBuild);
  return std::move(*row);
}

std::vector<BuildRow> rows_at(Connection& db, const std::vector<std::int64_t>& numbers) {
  std::vector<BuildRow> out;
  out.reserve(numbers.size());
  for (const std::int64_t number : numbers) out.push_back(list_row_at(db, number));
  return out;
}

Result<std::int64_t> number_in_account(Connection& db, const std::string& account_id, const Uuid& uuid) {
  Query row = db.query("SELECT number FROM builds WHERE uuid = ? AND account_id = ?");
  if (row.bind(uuid).bind(account_id).step()) return row.integer(0);
  return fail(Errc::not_found, fmt::format("there is no build {}", uuid.str()), "build_uuid");
}

}  // namespace

SqliteBuildStore::SqliteBuildStore(Database& database)
    : database_(database), numbers_(count_of_builds(database)) {}

Result<BuildView> SqliteBuildStore::build(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<BuildView> {
    const Result<std::int64_t> number = number_in_account(db, account_id, uuid);
    if (!number) return tl::unexpected<Error>(number.error());
    return load_view(db, *number);
  });
}

Result<BuildRow> SqliteBuildStore::row(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<BuildRow> {
    const Result<std::int64_t> number = number_in_account(db, account_id, uuid);
    if (!number) return tl::unexpected<Error>(number.error());
    return list_row_at(db, *number);
  });
}

bool SqliteBuildStore::load_version(Connection& db, const std::string& account_id, const Uuid& version,
                                    BuildRow& out) {
  const auto is_of_version = [&] {
    const std::vector<Uuid>& versions = out.build.version_ids;
    return std::find(versions.begin(), versions.end(), version) != versions.end();
  };
  if (const std::optional<std::int64_t> number = numbers_.find(version);
      number && load_row(db, *number, out) && is_of_version()) {
    return out.build.account_id == account_id;
  }
  Query row = db.query("SELECT build_number FROM version_builds WHERE version_id = ?");
  if (!row.bind(version).step()) return false;
  const std::int64_t number = row.integer(0);
  if (!load_row(db, number, out)) throw SqlError(SQLITE_CORRUPT, kMissingBuild);
  numbers_.put(version, number);
  return out.build.account_id == account_id;
}

Result<std::vector<std::pair<Uuid, BuildRow>>> SqliteBuildStore::builds_by_versions(
    const std::string& account_id, const std::vector<Uuid>& version_ids) {
  for (const Uuid& id : version_ids) numbers_.prefetch(id);
  return database_.read([&](Connection& db) -> Result<std::vector<std::pair<Uuid, BuildRow>>> {
    std::vector<std::pair<Uuid, BuildRow>> found;
    found.reserve(version_ids.size());
    for (const Uuid& id : version_ids) {
      BuildRow& row = found.emplace_back(id, BuildRow()).second;
      if (!load_version(db, account_id, id, row)) found.pop_back();
    }
    return found;
  });
}

Status SqliteBuildStore::learn_versions(const std::stop_token& stop) {
  constexpr int rows_at_once = 10'000;  // a snapshot that stays open long would let the log of writes grow
  Uuid last;
  bool more = true;
  while (more && !stop.stop_requested()) {
    Status read = database_.read([&](Connection& db) -> Status {
      Query rows = db.query(
          "SELECT version_id, build_number FROM version_builds WHERE version_id > ? ORDER BY version_id "
          "LIMIT ?");
      rows.bind(last).bind(rows_at_once);
      more = false;
      while (rows.step()) {
        last = rows.uuid(0);
        numbers_.put(last, rows.integer(1));
        more = true;
      }
      if (!more) db.execute("PRAGMA shrink_memory");  // the pages of the whole index, not needed again
      return {};
    });
    if (!read) return read;
  }
  return {};
}

Result<std::vector<std::pair<std::string, BuildRow>>> SqliteBuildStore::latest_builds(
    const std::string& account_id, const std::vector<std::string>& worker_tags) {
  return database_.read([&](Connection& db) -> Result<std::vector<std::pair<std::string, BuildRow>>> {
    std::vector<std::pair<std::string, BuildRow>> out;
    for (const std::string& tag : worker_tags) {
      Query row = db.query(
          "SELECT number FROM builds WHERE account_id = ? AND worker_tag = ? ORDER BY ordinal DESC LIMIT 1");
      if (row.bind(account_id).bind(tag).step()) out.emplace_back(tag, list_row_at(db, row.integer(0)));
    }
    return out;
  });
}

Result<Paged<BuildRow>> SqliteBuildStore::builds_of_worker(const std::string& account_id,
                                                           const std::string& worker_tag, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<BuildRow>> {
    Query worker = db.query("SELECT 1 FROM workers WHERE tag = ? AND account_id = ?");
    if (!worker.bind(worker_tag).bind(account_id).step()) {
      return fail(
          Errc::not_found,
          fmt::format("there is no Worker with the tag \"{}\"; give its tag (32 hex digits), not its name",
                      worker_tag),
          "external_script_id");
    }
    Paged<BuildRow> out;
    Query count = db.query("SELECT last_ordinal FROM build_counts WHERE account_id = ? AND worker_tag = ?");
    const std::int64_t last = count.bind(account_id).bind(worker_tag).step() ? count.integer(0) : 0;
    const Thinned thinned = load_thinned(db, worker_tag, "builds");
    out.total = static_cast<std::size_t>(last - thinned.gone);
    const PagePlace place = place_of(page, last, thinned);
    Query rows = db.query(
        "SELECT number FROM builds WHERE account_id = ? AND worker_tag = ? AND ordinal <= ? "
        "ORDER BY ordinal DESC LIMIT ?");
    rows.bind(account_id).bind(worker_tag).bind(place.at_most).bind(place.skip + page.per_page);
    out.items = rows_at(db, all_numbers(rows, place.skip));
    return out;
  });
}

Result<Paged<BuildRow>> SqliteBuildStore::builds_of_account(const std::string& account_id, Page page) {
  return database_.read([&](Connection& db) -> Result<Paged<BuildRow>> {
    Paged<BuildRow> out;
    Query count = db.query("SELECT coalesce(sum(last_ordinal), 0) FROM build_counts WHERE account_id = ?");
    if (count.bind(account_id).step()) out.total = static_cast<std::size_t>(count.integer(0));
    Query gone =
        db.query("SELECT coalesce(sum(gone), 0) FROM thinned WHERE account_id = ? AND what = 'builds'");
    if (gone.bind(account_id).step()) out.total -= static_cast<std::size_t>(gone.integer(0));
    Query rows =
        db.query("SELECT number FROM builds WHERE account_id = ? ORDER BY number DESC LIMIT ? OFFSET ?");
    rows.bind(account_id).bind(page.per_page).bind((std::int64_t{page.page} - 1) * page.per_page);
    out.items = rows_at(db, all_numbers(rows));
    return out;
  });
}

Result<std::optional<model::Build>> SqliteBuildStore::newest_of_commit(const model::Trigger& trigger,
                                                                       const std::string& commit) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Build>> {
    Query row = db.query(
        "SELECT number FROM builds INDEXED BY builds_commit WHERE account_id = ? AND commit_hash = ? AND "
        "trigger_uuid = ? AND outcome IS NOT 'skipped' ORDER BY number DESC LIMIT 1");
    row.bind(trigger.account_id).bind(to_valid_utf8(commit)).bind(trigger.uuid);
    if (!row.step()) return std::nullopt;
    std::vector<BuildRow> rows = rows_at(db, {row.integer(0)});
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front().build);
  });
}

Result<BuildStore::PushedBefore> SqliteBuildStore::pushed_before(const model::Trigger& trigger,
                                                                 const std::string& branch) {
  return database_.read([&](Connection& db) -> Result<PushedBefore> {
    PushedBefore before;
    Query last = db.query(
        "SELECT commit_hash FROM builds INDEXED BY builds_pushed WHERE trigger_uuid = ? AND branch = ? AND "
        "source IN ('push', 'pull_request') ORDER BY number DESC LIMIT 1");
    if (last.bind(trigger.uuid).bind(to_valid_utf8(branch)).step()) before.last = last.text(0);
    Query built = db.query(
        "SELECT commit_hash FROM builds INDEXED BY builds_pushed WHERE trigger_uuid = ? AND branch = ? AND "
        "source IN ('push', 'pull_request') AND outcome IS NOT 'skipped' ORDER BY number DESC LIMIT 1");
    if (built.bind(trigger.uuid).bind(to_valid_utf8(branch)).step()) before.last_built = built.text(0);
    return before;
  });
}

}  // namespace kiln::store::sqlite
