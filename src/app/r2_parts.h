// R2 of the accounts: the names of buckets in the database, their objects in folders of their own. Owned by
// Service; any thread.
#pragma once

#include <filesystem>

#include "app/stray_spaces.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "store/r2/files.h"
#include "store/sqlite/r2_bucket_store.h"

namespace kiln::app {

struct R2Parts {
  R2Parts(store::sqlite::Database& database, std::filesystem::path folder, const Clock& clock,
          Entropy& entropy, const store::r2::FileLimits& limits)
      : buckets(database), objects(std::move(folder), clock, entropy, limits) {}

  store::sqlite::SqliteR2BucketStore buckets;
  store::r2::Files objects;

  [[nodiscard]] KeptSpaces kept() {
    return {"r2", [this] { return objects.spaces(); }, [this] { return buckets.all_ids(); },
            [this](const std::string& space) { return objects.drop(space); }};
  }
};

}  // namespace kiln::app
