// The audit port over SQLite.
#pragma once

#include "store/audit_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteAuditStore final : public AuditStore {
 public:
  explicit SqliteAuditStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<model::AuditEntry>> entries(const model::AuditFilter& filter,
                                                               std::optional<std::int64_t> below,
                                                               int most) override;
  [[nodiscard]] Status note(const Act& act) override;
  [[nodiscard]] Result<int> forget(TimeMs before, int most) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
