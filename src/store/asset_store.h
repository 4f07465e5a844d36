// Port: uploads of static files, and what each Worker has of them. The contents themselves are the blob
// store's. Owned by app; every method is one durable transaction and safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/worker.h"
#include "store/asset_blob.h"

namespace kiln::store {

// An assets upload in progress. `token_hash` finds it; the completion token is its second life.
struct AssetSession {
  Uuid id;
  std::string worker_name;
  std::string account_id;
  bool previews_only = false;  // its files stand behind their hashes for previews alone
  std::vector<model::AssetFile> manifest;
  std::vector<std::string> missing;  // hashes still to come
};

class AssetStore {
 public:
  virtual ~AssetStore() = default;

  // It is over `lifetime_ms` from now.
  [[nodiscard]] virtual Status add_asset_session(const AssetSession& session, const std::string& token_hash,
                                                 TimeMs lifetime_ms) = 0;
  [[nodiscard]] virtual Result<std::optional<AssetSession>> asset_session(const std::string& token_hash) = 0;
  // Notes uploaded files of a Worker; returns the session's hashes that are still missing.
  [[nodiscard]] virtual Result<std::vector<std::string>> add_assets(const Uuid& session,
                                                                    const std::vector<AssetBlob>& assets) = 0;
  // Those of `hashes` that this Worker name of the account already has; `for_previews`: also of previews_only
  // sessions.
  [[nodiscard]] virtual Result<std::vector<AssetBlob>> known_assets(const std::string& account_id,
                                                                    const std::string& worker_name,
                                                                    const std::vector<std::string>& hashes,
                                                                    bool for_previews) = 0;
};

}  // namespace kiln::store
