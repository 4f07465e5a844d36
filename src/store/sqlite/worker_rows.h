// What the stores of a Worker's belongings ask of its row. Called inside a transaction; belongs to its
// thread.
#pragma once

#include <string>

#include "base/result.h"
#include "model/worker.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Whether there is a Worker of that tag that has not been deleted.
[[nodiscard]] bool worker_lives(Connection& db, const std::string& tag);
// Whether it is of that account, besides.
[[nodiscard]] bool worker_lives(Connection& db, const std::string& account_id, const std::string& tag);
// Deletes the Worker and what only a live one has. Versions and deployments stay: builds point at them.
void end_worker(Connection& db, const model::Worker& worker, TimeMs now);
// The error of whoever asks for one that does not.
[[nodiscard]] tl::unexpected<Error> no_worker();

}  // namespace kiln::store::sqlite
