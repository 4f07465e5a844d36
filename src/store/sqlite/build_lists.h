// Lists of builds by what somebody remembers of them. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite/database.h"
#include "store/story_store.h"

namespace kiln::store::sqlite {

struct FoundBuilds {
  std::vector<std::int64_t> numbers;  // newest first
  std::optional<std::int64_t> next;   // nothing: there are no more
};

// By the index that leaves the fewest; what else is asked for is looked at in each row, of so many at most.
[[nodiscard]] FoundBuilds find_builds(Connection& db, const std::string& account_id,
                                      const BuildFilter& filter, std::int64_t before, std::size_t limit);

}  // namespace kiln::store::sqlite
