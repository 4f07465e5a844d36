// The rows of a delivery: its refs, verdicts and notes. Inside the caller's transaction; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/delivery.h"
#include "model/trigger.h"
#include "store/build_queue.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Keeps a delivery under the key by which it is known when it comes again; empty: it has none. One that is
// there already is counted as repeated and takes these refs, verdicts and notes. The account's oldest beyond
// what delivery_store.h promises go, a few at a time.
void keep_delivery(Connection& db, const model::Delivery& delivery, const std::string& key, TimeMs now);

// Counts one that made something before. Nothing happens when it is kept no more.
void count_repeated(Connection& db, const std::string& provider, const std::string& key);

// Deletes the refused deliveries of the connection beyond the newest `most`.
void prune_refused(Connection& db, const Uuid& connection, std::size_t most);

[[nodiscard]] std::optional<LastTold> last_told(Connection& db, const model::RepoConnection& connection,
                                                const std::string& branch);
[[nodiscard]] Told told_before(Connection& db, const model::RepoConnection& connection, const ToldMove& move);
[[nodiscard]] std::vector<std::string> moved_on_from(Connection& db, const model::RepoConnection& connection,
                                                     const std::string& branch, const std::string& commit);
// With its refs, verdicts and notes.
void drop_delivery(Connection& db, std::int64_t number);

[[nodiscard]] std::optional<model::Delivery> load_delivery(Connection& db, std::int64_t number);

}  // namespace kiln::store::sqlite
