// Workers at a glance, read from the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "store/glance_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteGlanceStore final : public GlanceStore {
 public:
  explicit SqliteGlanceStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<WorkerGlance>> glances(const std::string& account_id, int recent) override;
  [[nodiscard]] Result<std::optional<WorkerGlance>> glance(const std::string& account_id,
                                                           const std::string& worker_tag,
                                                           int recent) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
