// Builds and their logs, read from the database. Owned by app; safe from any thread.
#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "store/build_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/version_numbers.h"

namespace kiln::store::sqlite {

class SqliteBuildStore final : public BuildStore {
 public:
  explicit SqliteBuildStore(Database& database);

  // Reads which build made each version, so that later look-ups need not; takes a moment for a long history.
  [[nodiscard]] Status learn_versions(const std::stop_token& stop);

  [[nodiscard]] Result<BuildView> build(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<BuildRow> row(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<std::vector<std::pair<Uuid, BuildRow>>> builds_by_versions(
      const std::string& account_id, const std::vector<Uuid>& version_ids) override;
  [[nodiscard]] Result<std::vector<std::pair<std::string, BuildRow>>> latest_builds(
      const std::string& account_id, const std::vector<std::string>& worker_tags) override;
  [[nodiscard]] Result<Paged<BuildRow>> builds_of_worker(const std::string& account_id,
                                                         const std::string& worker_tag, Page page) override;
  [[nodiscard]] Result<Paged<BuildRow>> builds_of_account(const std::string& account_id, Page page) override;
  [[nodiscard]] Result<std::optional<model::Build>> newest_of_commit(const model::Trigger& trigger,
                                                                     const std::string& commit) override;
  [[nodiscard]] Result<PushedBefore> pushed_before(const model::Trigger& trigger,
                                                   const std::string& branch) override;
  [[nodiscard]] Result<LogPage> log(const Uuid& build, const std::string& cursor,
                                    std::size_t max_bytes) override;

 private:
  // The version's build, if it is the account's.
  [[nodiscard]] bool load_version(Connection& db, const std::string& account_id, const Uuid& version,
                                  BuildRow& out);

  Database& database_;
  VersionNumbers numbers_;
};

}  // namespace kiln::store::sqlite
