// store::KvNamespaceStore on SQLite. Owned by app; any thread.
#pragma once

#include "store/kv_namespace_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteKvNamespaceStore final : public KvNamespaceStore {
 public:
  explicit SqliteKvNamespaceStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add(const model::KvNamespace& space) override;
  [[nodiscard]] Result<Paged<model::KvNamespace>> namespaces(const std::string& account_id, Page page,
                                                             KvOrder order, bool descending) override;
  [[nodiscard]] Result<model::KvNamespace> find(const std::string& account_id,
                                                const std::string& id) override;
  [[nodiscard]] Status rename(const std::string& account_id, const std::string& id,
                              const std::string& title) override;
  [[nodiscard]] Status remove(const std::string& account_id, const std::string& id) override;
  [[nodiscard]] Result<std::set<std::string>> all_ids() override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
