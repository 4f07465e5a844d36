// Rows of asset uploads, and the JSON that keeps lists of files. Functions run inside the caller's
// transaction and throw SqlError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/asset_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// [["/index.html","<hash>",14],…]. Reading throws SqlError(SQLITE_CORRUPT) on anything else.
[[nodiscard]] std::string files_to_json(const std::vector<model::AssetFile>& files);
[[nodiscard]] std::vector<model::AssetFile> files_from_json(const std::string& text);
// ["fetch",…], alike.
[[nodiscard]] std::string words_to_json(const std::vector<std::string>& words);
[[nodiscard]] std::vector<std::string> words_from_json(const std::string& text);

// Sessions that have been over for an hour.
void erase_ended_sessions(Connection& db, TimeMs now);
void insert_session(Connection& db, const AssetSession& session, const std::string& token_hash,
                    TimeMs expires_on);
[[nodiscard]] std::optional<AssetSession> read_session(Connection& db, const std::string& token_hash,
                                                       TimeMs now);
// False when there is no such session.
[[nodiscard]] bool insert_assets(Connection& db, const Uuid& session, const std::vector<AssetBlob>& assets);
[[nodiscard]] std::vector<std::string> read_missing(Connection& db, const Uuid& session);
[[nodiscard]] std::vector<AssetBlob> read_known(Connection& db, const std::string& account_id,
                                                const std::string& worker_name,
                                                const std::vector<std::string>& hashes, bool for_previews);

}  // namespace kiln::store::sqlite
