// Every store over one real SQLite file: a StoreGround whose engine a test may look into. Owned by the test;
// the ports are safe from any thread.
#pragma once

#include "testing/sqlite_store.h"
#include "testing/store_ground.h"

namespace kiln::testing {

struct TestStore : StoreGround {
  TestStore();

  store::sqlite::Database* database;
  store::sqlite::SqliteBuildStore& builds;  // the same, with what is SQLite's own

  // The file itself.
  [[nodiscard]] std::filesystem::path file() const { return folder.path() / "kiln.db"; }
};

}  // namespace kiln::testing
