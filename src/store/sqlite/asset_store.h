// Uploads of assets over the database. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/asset_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteAssetStore final : public AssetStore {
 public:
  explicit SqliteAssetStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add_asset_session(const AssetSession& session, const std::string& token_hash,
                                         TimeMs lifetime_ms) override;
  [[nodiscard]] Result<std::optional<AssetSession>> asset_session(const std::string& token_hash) override;
  [[nodiscard]] Result<std::vector<std::string>> add_assets(const Uuid& session,
                                                            const std::vector<AssetBlob>& assets) override;
  [[nodiscard]] Result<std::vector<AssetBlob>> known_assets(const std::string& account_id,
                                                            const std::string& worker_name,
                                                            const std::vector<std::string>& hashes,
                                                            bool for_previews) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
