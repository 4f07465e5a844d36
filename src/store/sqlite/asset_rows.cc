#include "store/sqlite/asset_rows.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace kiln::store::sqlite {
namespace {

namespace json = boost::json;

[[noreturn]] void corrupt(const char* what) {
  throw SqlError(SQLITE_CORRUPT, what);
}

json::array parse_array(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_array()) corrupt("a stored list is not a JSON array");
  return std::move(value.get_array());
}

}  // namespace

std::string files_to_json(const std::vector<model::AssetFile>& files) {
  json::array list;
  list.reserve(files.size());
  for (const model::AssetFile& file : files) list.push_back(json::array{file.path, file.hash, file.size});
  return json::serialize(list);
}

std::vector<model::AssetFile> files_from_json(const std::string& text) {
  std::vector<model::AssetFile> files;
  for (const json::value& value : parse_array(text)) {
    const json::array* file = value.if_array();
    if (file == nullptr || file->size() != 3 || !(*file)[0].is_string() || !(*file)[1].is_string() ||
        !(*file)[2].is_number()) {
      corrupt("a stored asset is not [path, hash, size]");
    }
    files.push_back({std::string((*file)[0].get_string()), std::string((*file)[1].get_string()),
                     (*file)[2].to_number<std::size_t>()});
  }
  return files;
}

std::string words_to_json(const std::vector<std::string>& words) {
  json::array list;
  for (const std::string& word : words) list.emplace_back(word);
  return json::serialize(list);
}

std::vector<std::string> words_from_json(const std::string& text) {
  std::vector<std::string> words;
  for (const json::value& value : parse_array(text)) {
    if (!value.is_string()) corrupt("a stored list holds something other than strings");
    words.emplace_back(value.get_string());
  }
  return words;
}

void erase_ended_sessions(Connection& db, TimeMs now) {
  constexpr TimeMs kKeep = 3'600'000;
  db.query("DELETE FROM asset_sessions WHERE expires_on < ?").bind(now - kKeep).run();
}

void insert_session(Connection& db, const AssetSession& session, const std::string& token_hash,
                    TimeMs expires_on) {
  db.query(
        "INSERT INTO asset_sessions (id, account_id, worker_name, token_hash, manifest_json, expires_on, "
        "previews_only) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(session.id)
      .bind(session.account_id)
      .bind(session.worker_name)
      .bind_blob(token_hash)
      .bind(files_to_json(session.manifest))
      .bind(expires_on)
      .bind(session.previews_only)
      .run();
  for (const std::string& hash : session.missing) {
    db.query("INSERT OR IGNORE INTO asset_missing (session_id, hash) VALUES (?, ?)")
        .bind(session.id)
        .bind(hash)
        .run();
  }
}

std::optional<AssetSession> read_session(Connection& db, const std::string& token_hash, TimeMs now) {
  AssetSession session;
  {
    Query query = db.query(
        "SELECT id, account_id, worker_name, manifest_json, previews_only FROM asset_sessions "
        "WHERE token_hash = ? AND expires_on > ?");
    query.bind_blob(token_hash).bind(now);
    if (!query.step()) return std::nullopt;
    session.id = query.uuid(0);
    session.account_id = query.text(1);
    session.worker_name = query.text(2);
    session.manifest = files_from_json(query.text(3));
    session.previews_only = query.integer(4) != 0;
  }
  session.missing = read_missing(db, session.id);
  return session;
}

bool insert_assets(Connection& db, const Uuid& session, const std::vector<AssetBlob>& assets) {
  std::string account_id;
  std::string worker_name;
  bool previews_only = false;
  {
    Query query = db.query("SELECT account_id, worker_name, previews_only FROM asset_sessions WHERE id = ?");
    query.bind(session);
    if (!query.step()) return false;
    account_id = query.text(0);
    worker_name = query.text(1);
    previews_only = query.integer(2) != 0;
  }
  for (const AssetBlob& asset : assets) {
    // What a hash stands for never changes: older versions serve it.
    Query insert = previews_only ? db.query(
                                       "INSERT OR IGNORE INTO preview_assets (account_id, worker_name, hash, "
                                       "content_type, blob, size) VALUES (?, ?, ?, ?, ?, ?)")
                                 : db.query(
                                       "INSERT OR IGNORE INTO worker_assets (account_id, worker_name, hash, "
                                       "content_type, blob, size) VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(account_id)
        .bind(worker_name)
        .bind(asset.hash)
        .bind(asset.content_type)
        .bind(asset.blob)
        .bind(static_cast<std::int64_t>(asset.size))
        .run();
    db.query("DELETE FROM asset_missing WHERE session_id = ? AND hash = ?")
        .bind(session)
        .bind(asset.hash)
        .run();
  }
  return true;
}

std::vector<std::string> read_missing(Connection& db, const Uuid& session) {
  std::vector<std::string> missing;
  Query query = db.query("SELECT hash FROM asset_missing WHERE session_id = ? ORDER BY hash");
  query.bind(session);
  while (query.step()) missing.push_back(query.text(0));
  return missing;
}

std::vector<AssetBlob> read_known(Connection& db, const std::string& account_id,
                                  const std::string& worker_name, const std::vector<std::string>& hashes,
                                  bool for_previews) {
  std::vector<AssetBlob> known;
  const auto take = [&](Query query, const std::string& hash) {
    query.bind(account_id).bind(worker_name).bind(hash);
    if (!query.step()) return false;
    known.push_back({hash, query.text(0), query.text(1), static_cast<std::size_t>(query.integer(2))});
    return true;
  };
  for (const std::string& hash : hashes) {
    const bool of_worker = take(db.query("SELECT content_type, blob, size FROM worker_assets WHERE "
                                         "account_id = ? AND worker_name = ? AND hash = ?"),
                                hash);
    if (of_worker || !for_previews) continue;
    take(
        db.query("SELECT content_type, blob, size FROM preview_assets WHERE account_id = ? AND worker_name = "
                 "? AND hash = ?"),
        hash);
  }
  return known;
}

}  // namespace kiln::store::sqlite
