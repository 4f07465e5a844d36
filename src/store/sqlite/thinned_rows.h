// What retention has taken away of a Worker's numbered things, and the pages of what is left. Called inside a
// transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/page.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Numbers run from 1; above `up_to` none is missing, below it `gone` are.
struct Thinned {
  std::int64_t up_to = 0;
  std::int64_t gone = 0;
};

// `what`: "builds", "versions" or "deployments".
[[nodiscard]] Thinned load_thinned(Connection& db, const std::string& worker_tag, std::string_view what);
// `gone` more are gone, the last of them being `up_to`.
void add_thinned(Connection& db, const std::string& account_id, const std::string& worker_tag,
                 std::string_view what, const Thinned& more);

// Where a page begins, the newest first, when the newest has the number `last`: the first `skip` of those up
// to `at_most` are passed over. Above what was thinned nothing is.
struct PagePlace {
  std::int64_t at_most = 0;
  std::int64_t skip = 0;
};
[[nodiscard]] PagePlace place_of(const Page& page, std::int64_t last, const Thinned& thinned);

}  // namespace kiln::store::sqlite
