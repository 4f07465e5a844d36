// Pull requests over the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "store/pull_request_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqlitePullRequestStore final : public PullRequestStore {
 public:
  explicit SqlitePullRequestStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<Uuid>> note(const PullRequestNote& news) override;
  [[nodiscard]] Result<std::optional<Noted>> noted(const Uuid& connection, std::int64_t number) override;
  [[nodiscard]] Result<std::optional<model::PullRequest>> open_of_branch(const Uuid& connection,
                                                                         const std::string& branch) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
