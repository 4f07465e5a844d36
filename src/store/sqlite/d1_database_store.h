// store::D1DatabaseStore on SQLite. Owned by app; any thread.
#pragma once

#include "store/d1_database_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteD1DatabaseStore final : public D1DatabaseStore {
 public:
  explicit SqliteD1DatabaseStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add(const model::D1Database& database) override;
  [[nodiscard]] Result<Paged<model::D1Database>> databases(const std::string& account_id, Page page,
                                                           const std::string& name_part) override;
  [[nodiscard]] Result<model::D1Database> find(const std::string& account_id,
                                               const std::string& id_or_name) override;
  [[nodiscard]] Status remove(const std::string& account_id, const Uuid& id) override;
  [[nodiscard]] Result<std::set<std::string>> all_ids() override;
  [[nodiscard]] Result<bool> has(const Uuid& id) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
