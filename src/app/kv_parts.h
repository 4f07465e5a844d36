// KV of the accounts: the names of namespaces in the database, their keys in files of their own. Owned by
// Service; any thread.
#pragma once

#include <filesystem>

#include "app/stray_spaces.h"
#include "base/clock.h"
#include "store/kv/files.h"
#include "store/sqlite/kv_namespace_store.h"

namespace kiln::app {

struct KvParts {
  KvParts(store::sqlite::Database& database, std::filesystem::path folder, const Clock& clock,
          const store::kv::FileLimits& limits)
      : namespaces(database), values(std::move(folder), clock, limits) {}

  store::sqlite::SqliteKvNamespaceStore namespaces;
  store::kv::Files values;

  [[nodiscard]] KeptSpaces kept() {
    return {"kv", [this] { return values.spaces(); }, [this] { return namespaces.all_ids(); },
            [this](const std::string& space) { return values.drop(space); }};
  }
};

}  // namespace kiln::app
