// Takes away what is old, a little in each transaction. Owned by app; safe from any thread.
#pragma once

#include "store/retention_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteRetentionStore final : public RetentionStore {
 public:
  explicit SqliteRetentionStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<PruneStep> prune(PruneKind kind, PruneWish& wish, PruneCursor& cursor) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
