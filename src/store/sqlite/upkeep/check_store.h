// Looks whether the rows hold together. Owned by app; safe from any thread.
#pragma once

#include "store/check_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteCheckStore final : public CheckStore {
 public:
  explicit SqliteCheckStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<std::string>> damage(const GoOn& go_on) override;
  [[nodiscard]] Result<std::vector<std::string>> damage_of(const std::filesystem::path& file,
                                                           const GoOn& go_on) override;
  [[nodiscard]] Result<BlobHashes> named_blobs() override;
  [[nodiscard]] Result<std::vector<BlobUser>> users_of(const BlobHash& blob) override;
  [[nodiscard]] Result<std::vector<std::string>> loose_ends(bool repair) override;
  [[nodiscard]] Result<std::int64_t> forgotten_leases() override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
