// D1 of the accounts: the processes of databases, the door to them, and what the API asks of both. Owned by
// Service; start() and stop() belong to one thread, the rest to any.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "api/d1/routes.h"
#include "app/data_dir.h"
#include "app/service.h"
#include "app/stray_spaces.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/result.h"
#include "serving/d1/databases.h"
#include "serving/d1/door.h"
#include "serving/engine_dates.h"
#include "store/sqlite/d1_database_store.h"

namespace kiln::app {

class D1Parts {
 public:
  // All outlive it. `secret`: of what bindings show.
  D1Parts(store::sqlite::SqliteD1DatabaseStore& store, const ServiceOptions& options, const DataDir& data,
          const std::string& secret, serving::EngineDates& dates, const Clock& clock, Entropy& entropy);

  [[nodiscard]] KeptSpaces kept();

  // `calls`: connections of Workers at a time. Before the processes of Workers are started.
  [[nodiscard]] Status start(std::size_t calls);
  // When those have ended.
  void stop();

  // What the API is given: without processes as long as they are not started.
  [[nodiscard]] api::D1Deps deps();

 private:
  [[nodiscard]] Result<std::string> run(const Uuid& database, std::string statements, bool raw) const;

  store::sqlite::SqliteD1DatabaseStore& store_;
  const Clock& clock_;
  Entropy& entropy_;
  std::string secret_;
  std::filesystem::path socket_;
  std::filesystem::path run_folder_;
  int longest_ms_;  // of a statement
  serving::D1Databases processes_;
  api::D1Transfers transfers_;
  std::unique_ptr<serving::D1Door> door_;  // null: not started
};

}  // namespace kiln::app
