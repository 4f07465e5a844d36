#include "store/sqlite/asset_store.h"

#include "store/sqlite/asset_rows.h"

namespace kiln::store::sqlite {

Status SqliteAssetStore::add_asset_session(const AssetSession& session, const std::string& token_hash,
                                           TimeMs lifetime_ms) {
  return database_.write([&](Connection& db) -> Status {
    const TimeMs now = database_.now();
    erase_ended_sessions(db, now);
    insert_session(db, session, token_hash, now + lifetime_ms);
    return {};
  });
}

Result<std::optional<AssetSession>> SqliteAssetStore::asset_session(const std::string& token_hash) {
  return database_.read([&](Connection& db) -> Result<std::optional<AssetSession>> {
    return read_session(db, token_hash, database_.now());
  });
}

Result<std::vector<std::string>> SqliteAssetStore::add_assets(const Uuid& session,
                                                              const std::vector<AssetBlob>& assets) {
  return database_.write([&](Connection& db) -> Result<std::vector<std::string>> {
    if (!insert_assets(db, session, assets)) {
      return fail(Errc::not_found, "this asset upload is over or its Worker was deleted; deploy again");
    }
    return read_missing(db, session);
  });
}

Result<std::vector<AssetBlob>> SqliteAssetStore::known_assets(const std::string& account_id,
                                                              const std::string& worker_name,
                                                              const std::vector<std::string>& hashes,
                                                              bool for_previews) {
  return database_.read([&](Connection& db) -> Result<std::vector<AssetBlob>> {
    return read_known(db, account_id, worker_name, hashes, for_previews);
  });
}

}  // namespace kiln::store::sqlite
