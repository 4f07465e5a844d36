// One step of taking old things of one owner away, by kind. Called inside a transaction; belongs to its
// thread. Each sets cursor.inside to false once the owner has no more.
#pragma once

#include <cstdint>
#include <string>

#include "store/retention_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// A Worker whose things are thinned.
struct ThinnedWorker {
  std::string tag;
  std::string account_id;
  std::string name;
  std::optional<TimeMs> deleted_on;
};

inline constexpr TimeMs kDayMs = TimeMs{24} * 3'600'000;

// What was made before then is too old; nothing is when `days` is 0.
[[nodiscard]] inline TimeMs too_old_before(TimeMs now, int days) {
  return days == 0 ? TimeMs{-1} : now - days * kDayMs;
}

// The newest build of this branch that ended well is this one (its row's number, Worker, account, branch).
struct BranchBuild {
  std::int64_t number = 0;
  std::string account_id;
  std::string worker_tag;
  std::string branch;
};
[[nodiscard]] bool is_newest_good(Connection& db, const BranchBuild& build);
[[nodiscard]] bool is_newest(Connection& db, const BranchBuild& build);

// Takes so many pieces of a log away. False: there are more.
[[nodiscard]] bool drop_log(Connection& db, const Uuid& build);

void thin_deleted_worker(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                         TimeMs now, PruneStep& step);
void thin_versions(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                   TimeMs now, PruneStep& step);
void thin_assets(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                 TimeMs now, PruneStep& step);
void thin_builds(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor,
                 TimeMs now, PruneStep& step);
void thin_logs(Connection& db, const ThinnedWorker& worker, PruneWish& wish, PruneCursor& cursor, TimeMs now,
               PruneStep& step);
// Of one account.
void thin_deliveries(Connection& db, const std::string& account_id, PruneWish& wish, PruneCursor& cursor,
                     TimeMs now, PruneStep& step);

// Adds what a row names.
void add_unnamed(PruneStep& step, std::string_view hash);

}  // namespace kiln::store::sqlite
