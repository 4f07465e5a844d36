#include "store/sqlite/build_lists.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::int64_t kMostLookedAt = 2'000;

// Columns number, worker_tag, branch, author, commit_hash, outcome, status, created_on.
Query rows_for(Connection& db, const std::string& account_id, const BuildFilter& filter,
               std::int64_t before) {
  if (!filter.commit.empty()) {
    // A hash begins so when it stands between: 'g' follows the last hex digit. The builds of so few commits
    // are few, and so sorted here, not by an index.
    Query rows = db.query(
        "SELECT number, worker_tag, branch, author, commit_hash, outcome, status, created_on FROM builds "
        "INDEXED BY builds_commit WHERE account_id = ? AND commit_hash >= ? AND commit_hash < ? || 'g' AND "
        "number < ? "
        "ORDER BY number DESC LIMIT ?");
    rows.bind(account_id).bind(filter.commit).bind(filter.commit).bind(before).bind(kMostLookedAt);
    return rows;
  }
  if (!filter.worker_tag.empty()) {
    Query rows = db.query(
        "SELECT number, worker_tag, branch, author, commit_hash, outcome, status, created_on FROM builds "
        "WHERE account_id = ?1 AND worker_tag = ?2 AND ordinal < coalesce((SELECT ordinal FROM builds WHERE "
        "number = ?3 AND worker_tag = ?2), 1 << 62) ORDER BY ordinal DESC LIMIT ?4");
    rows.bind(account_id).bind(filter.worker_tag).bind(before).bind(kMostLookedAt);
    return rows;
  }
  if (!filter.branch.empty()) {
    Query rows = db.query(
        "SELECT number, worker_tag, branch, author, commit_hash, outcome, status, created_on FROM builds "
        "WHERE account_id = ? AND branch = ? AND number < ? ORDER BY number DESC LIMIT ?");
    rows.bind(account_id).bind(filter.branch).bind(before).bind(kMostLookedAt);
    return rows;
  }
  if (filter.status) {
    Query rows = db.query(
        "SELECT number, worker_tag, branch, author, commit_hash, outcome, status, created_on FROM builds "
        "WHERE account_id = ? AND status <> 'stopped' AND number < ? ORDER BY number DESC LIMIT ?");
    rows.bind(account_id).bind(before).bind(kMostLookedAt);
    return rows;
  }
  Query rows = db.query(
      "SELECT number, worker_tag, branch, author, commit_hash, outcome, status, created_on FROM builds "
      "WHERE account_id = ? AND number < ? ORDER BY number DESC LIMIT ?");
  rows.bind(account_id).bind(before).bind(kMostLookedAt);
  return rows;
}

bool is_status(std::string_view stored, model::BuildStatus wanted) {
  const std::optional<model::BuildStatus> status = model::parse_build_status(stored);
  if (status == wanted) return true;
  return wanted == model::BuildStatus::running && status == model::BuildStatus::initializing;
}

bool fits(const Query& row, const BuildFilter& filter) {
  return (filter.worker_tag.empty() || row.view(1) == filter.worker_tag) &&
         (filter.branch.empty() || row.view(2) == filter.branch) &&
         (filter.author.empty() || row.view(3) == filter.author) && row.view(4).starts_with(filter.commit) &&
         (!filter.outcome || row.view(5) == model::to_string(*filter.outcome)) &&
         (!filter.status || is_status(row.view(6), *filter.status));
}

}  // namespace

FoundBuilds find_builds(Connection& db, const std::string& account_id, const BuildFilter& filter,
                        std::int64_t before, std::size_t limit) {
  FoundBuilds found;
  Query rows = rows_for(db, account_id, filter, before);
  std::int64_t looked_at = 0;
  std::int64_t last = before;
  while (rows.step()) {
    ++looked_at;
    if (filter.since && rows.integer(7) < *filter.since) return found;
    if (fits(rows, filter)) {
      // One more than asked for says that there is another page.
      if (found.numbers.size() == limit) {
        found.next = last;
        return found;
      }
      found.numbers.push_back(rows.integer(0));
    }
    last = rows.integer(0);
  }
  if (looked_at == kMostLookedAt) found.next = last;
  return found;
}

}  // namespace kiln::store::sqlite
