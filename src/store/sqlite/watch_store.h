// Watches over the database. Owned by app; safe from any thread.
#pragma once

#include "store/sqlite/database.h"
#include "store/watch_store.h"

namespace kiln::store::sqlite {

class SqliteWatchStore final : public WatchStore {
 public:
  // The database outlives the store.
  explicit SqliteWatchStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<Watched>> watched() override;
  [[nodiscard]] Result<Watched> watch(const Uuid& connection) override;
  [[nodiscard]] Status set_poll(const Uuid& connection, int poll_seconds, bool build_first) override;
  [[nodiscard]] Result<Heads> seen(const Uuid& connection) override;
  [[nodiscard]] Status end_look(const Uuid& connection, const LookEnd& end) override;
  [[nodiscard]] Result<std::optional<LastJudged>> last_judged(const model::RepoConnection& connection,
                                                              const std::string& branch) override;
  [[nodiscard]] Result<Heads> judged_since(const model::RepoConnection& connection, TimeMs since) override;
  [[nodiscard]] Result<bool> was_built(const model::RepoConnection& connection, const std::string& branch,
                                       const std::string& commit) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
