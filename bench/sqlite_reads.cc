// sqlite_reads FILE IDS KEYS SECONDS: what SQLite itself gives for the keys that a look-up by version ids
// reads. Takes the version ids in the file IDS in turn, KEYS at a time, reads their builds' rows in one
// transaction, and prints how many such reads a second were done, after one round to warm the caches.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "store/sqlite/database.h"

namespace kiln::bench {
namespace {

using store::sqlite::Connection;
using store::sqlite::Query;

std::size_t read_builds(Connection& db, const std::vector<Uuid>& ids, std::size_t from, std::size_t keys) {
  std::size_t bytes = 0;
  db.execute("BEGIN");
  for (std::size_t i = 0; i < keys; ++i) {
    Query number = db.query("SELECT build_number FROM version_builds WHERE version_id = ?");
    if (!number.bind(ids[(from + i) % ids.size()]).step()) continue;
    Query row = db.query(
        "SELECT uuid, account_id, worker_tag, trigger_uuid, status, outcome, created_on, modified_on, "
        "initializing_on, running_on, stopped_on, source, branch, commit_hash, commit_message, author, "
        "build_command, deploy_command, root_directory, build_token_uuid, build_token_name, repo_name, "
        "provider_account_name, provider_type, environment_json FROM builds WHERE number = ?");
    if (!row.bind(number.integer(0)).step()) continue;
    for (int column = 11; column < 25; ++column) bytes += row.text(column).size();
    Query versions =
        db.query("SELECT version_id FROM version_builds WHERE build_number = ? ORDER BY ordinal");
    versions.bind(number.integer(0));
    while (versions.step()) bytes += versions.text(0).size();
  }
  db.execute("COMMIT");
  return bytes;
}

}  // namespace
}  // namespace kiln::bench

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc != 5) {
    fmt::print(stderr, "usage: sqlite_reads FILE IDS KEYS SECONDS\n");
    return 2;
  }
  std::vector<kiln::Uuid> ids;
  std::ifstream file(argv[2]);
  for (std::string line; std::getline(file, line);) {
    if (const auto id = kiln::Uuid::parse(line)) ids.push_back(*id);
  }
  const std::size_t keys = std::strtoul(argv[3], nullptr, 10);
  const std::chrono::duration<double> time(std::strtod(argv[4], nullptr));
  if (ids.empty() || keys == 0) {
    fmt::print(stderr, "sqlite_reads: no version ids in {}\n", argv[2]);
    return 1;
  }
  kiln::store::sqlite::Connection db(argv[1], true);
  for (std::size_t at = 0; at < ids.size(); at += keys) kiln::bench::read_builds(db, ids, at, keys);
  std::size_t done = 0;
  const auto began = Clock::now();
  while (Clock::now() - began < time) {
    for (int i = 0; i < 16; ++i) kiln::bench::read_builds(db, ids, keys * done++, keys);
  }
  fmt::print("{:.0f}\n",
             static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - began).count());
  return 0;
}
