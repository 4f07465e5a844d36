#include "store/sqlite/story_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/build_lists.h"
#include "store/sqlite/build_rows.h"
#include "store/sqlite/story_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::int64_t kNewest = INT64_MAX;
constexpr int kGoodBuilds = 10;

std::vector<BuildNote> notes_at(Connection& db, const std::vector<std::int64_t>& numbers) {
  std::vector<BuildNote> notes;
  notes.reserve(numbers.size());
  for (const std::int64_t number : numbers) notes.push_back(load_note(db, number));
  return notes;
}

std::vector<std::int64_t> numbers_in(Query& rows) {
  std::vector<std::int64_t> numbers;
  while (rows.step()) numbers.push_back(rows.integer(0));
  return numbers;
}

Result<std::int64_t> number_of(Connection& db, const std::string& account_id, const Uuid& uuid) {
  Query row = db.query("SELECT number FROM builds WHERE uuid = ? AND account_id = ?");
  if (row.bind(uuid).bind(account_id).step()) return row.integer(0);
  return fail(Errc::not_found, fmt::format("there is no build {}", uuid.str()), "build_uuid");
}

std::optional<TimeMs> usual_time(Connection& db, const std::string& account_id,
                                 const std::string& worker_tag) {
  Query rows = db.query(
      "SELECT stopped_on - initializing_on FROM builds WHERE account_id = ? AND worker_tag = ? AND outcome "
      "= 'success' AND initializing_on IS NOT NULL ORDER BY number DESC LIMIT ?");
  rows.bind(account_id).bind(worker_tag).bind(kGoodBuilds);
  std::vector<TimeMs> times;
  while (rows.step()) times.push_back(rows.integer(0));
  if (times.empty()) return std::nullopt;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace

Result<BuildStory> SqliteStoryStore::story(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<BuildStory> {
    const Result<std::int64_t> number = number_of(db, account_id, uuid);
    if (!number) return tl::unexpected<Error>(number.error());
    return BuildStory{load_note(db, *number), load_steps(db, *number), load_tools(db, *number),
                      load_caches(db, *number)};
  });
}

Result<BuildNote> SqliteStoryStore::note(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<BuildNote> {
    const Result<std::int64_t> number = number_of(db, account_id, uuid);
    if (!number) return tl::unexpected<Error>(number.error());
    return load_note(db, *number);
  });
}

Result<BuildNotes> SqliteStoryStore::notes(const std::string& account_id, const BuildFilter& filter,
                                           std::optional<std::int64_t> before, int limit) {
  return database_.read([&](Connection& db) -> Result<BuildNotes> {
    const FoundBuilds found =
        find_builds(db, account_id, filter, before.value_or(kNewest), static_cast<std::size_t>(limit));
    return BuildNotes{notes_at(db, found.numbers), found.next};
  });
}

Result<std::vector<BuildNote>> SqliteStoryStore::notes_of(const std::string& account_id,
                                                          const std::vector<std::int64_t>& numbers) {
  return database_.read([&](Connection& db) -> Result<std::vector<BuildNote>> {
    std::vector<BuildNote> notes;
    notes.reserve(numbers.size());
    for (const std::int64_t number : numbers) {
      std::optional<BuildNote> note = find_note(db, number);
      if (note && note->row.build.account_id == account_id) notes.push_back(*std::move(note));
    }
    return notes;
  });
}

Result<std::vector<BuildNote>> SqliteStoryStore::leased_notes(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<BuildNote>> {
    Query rows = db.query(
        "SELECT number FROM builds INDEXED BY builds_leased WHERE account_id = ? AND lease_until IS NOT "
        "NULL");
    rows.bind(account_id);
    std::vector<std::int64_t> numbers = numbers_in(rows);
    std::sort(numbers.begin(), numbers.end());
    return notes_at(db, numbers);
  });
}

Result<std::vector<OpenBuild>> SqliteStoryStore::open_builds(const std::string& account_id, int limit) {
  return database_.read([&](Connection& db) -> Result<std::vector<OpenBuild>> {
    Query rows = db.query(
        "SELECT number, uuid, worker_tag, trigger_uuid, branch, status <> 'queued', lease_until IS NOT "
        "NULL, waits_for_approval, initializing_on FROM builds WHERE account_id = ? AND status <> 'stopped' "
        "ORDER BY number LIMIT ?");
    rows.bind(account_id).bind(limit);
    std::vector<OpenBuild> open;
    while (rows.step())
      open.push_back({rows.integer(0), rows.uuid(1), rows.text(2), rows.uuid(3), rows.text(4),
                      rows.integer(5) != 0, rows.integer(6) != 0, rows.integer(7) != 0,
                      rows.maybe_integer(8)});
    return open;
  });
}

Result<OpenCounts> SqliteStoryStore::open_counts(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<OpenCounts> {
    Query row = db.query(
        "SELECT (SELECT count(*) FROM builds INDEXED BY builds_leased WHERE account_id = ?1 AND lease_until "
        "IS NOT NULL), (SELECT count(*) FROM builds INDEXED BY builds_open WHERE account_id = ?1 AND status "
        "<> 'stopped')");
    if (!row.bind(account_id).step()) return OpenCounts{};
    const std::int64_t running = row.integer(0);
    return OpenCounts{running, row.integer(1) - running};
  });
}

Result<std::optional<BuildNote>> SqliteStoryStore::last_good(const std::string& account_id,
                                                             const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<std::optional<BuildNote>> {
    const Result<std::int64_t> number = number_of(db, account_id, uuid);
    if (!number) return tl::unexpected<Error>(number.error());
    const BuildNote note = load_note(db, *number);
    Query row = db.query(
        "SELECT number FROM builds WHERE account_id = ? AND worker_tag = ? AND branch = ? AND outcome = "
        "'success' AND number < ? ORDER BY number DESC LIMIT 1");
    row.bind(account_id).bind(note.row.build.worker_tag).bind(note.row.build.metadata.branch).bind(*number);
    if (!row.step()) return std::nullopt;
    return load_note(db, row.integer(0));
  });
}

Result<std::map<std::string, TimeMs>> SqliteStoryStore::usual_times(
    const std::string& account_id, const std::set<std::string>& worker_tags) {
  return database_.read([&](Connection& db) -> Result<std::map<std::string, TimeMs>> {
    std::map<std::string, TimeMs> usual;
    for (const std::string& tag : worker_tags) {
      if (const std::optional<TimeMs> time = usual_time(db, account_id, tag)) usual[tag] = *time;
    }
    return usual;
  });
}

}  // namespace kiln::store::sqlite
