// The processes of D1 databases: one workerd a database, so that a slow statement holds up nobody else's. It
// is started by use and stopped when idle, as Workers' processes are; it has no network, and its folder,
// which no second process may write meanwhile. A space is a database, or a copy of its own for a version that
// may never be live (model/space.h).
//
//   <folder>/<space>/lock      locked while a process has the space, by the process itself as well
//   <folder>/<space>/workerd   the newest runtime that wrote there
//   <folder>/<space>/files/    what the process sees
//
// Owned by app. start() and stop() belong to one thread, the rest to any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "serving/runtimes.h"
#include "serving/workerd_runtimes.h"
#include "store/d1_database_store.h"

namespace kiln::serving {

struct D1Options {
  std::filesystem::path folder;  // there, and ours alone
  std::int64_t bytes = 0;        // of one space
  // The date of the runtime that is started now; empty: it cannot be found out.
  std::function<std::string()> runtime_date;
  int hang_ms = 30'000;  // what takes in nothing for so long is ended: the longest statement
  RuntimeOptions runtimes{};
};

class D1Databases {
 public:
  // The store outlives it.
  D1Databases(store::D1DatabaseStore& store, D1Options options);

  void start() { runtimes_.start(); }
  void stop() { runtimes_.stop(); }

  // As Runtimes::acquire, of a space. Errors: Errc::not_found when its database is none.
  void acquire(const std::string& space, std::function<void(Result<Endpoint>)> ready);

  [[nodiscard]] int running() const { return runtimes_.running(); }

  // Everything of the database and its copies: their processes end, their disk is given back. One that is not
  // there is no error. The store must not know it any more.
  [[nodiscard]] Status drop(const Uuid& database);
  [[nodiscard]] Status drop_space(const std::string& space);
  // Of every database and copy that there is something of.
  [[nodiscard]] Result<std::vector<std::string>> spaces() const;
  // Bytes on the disk.
  [[nodiscard]] std::int64_t size(const std::string& space) const;

 private:
  [[nodiscard]] Result<Prepared> prepare(const Uuid& id, const std::filesystem::path& run_folder);
  [[nodiscard]] Status check_known(const std::string& space);

  store::D1DatabaseStore& store_;
  D1Options options_;
  std::mutex mutex_;
  std::map<Uuid, std::string> names_;  // of spaces that were asked for; under mutex_
  WorkerdRuntimes runtimes_;
};

// The file of the space's database below the folder of them all.
[[nodiscard]] std::filesystem::path d1_file(const std::string& space);

}  // namespace kiln::serving
