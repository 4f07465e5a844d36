// Ids by their beginnings, read from the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/id_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteIdStore final : public IdStore {
 public:
  explicit SqliteIdStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<IdFound>> ids_that_begin(const std::string& account_id,
                                                            std::string_view beginning,
                                                            const std::vector<IdKind>& kinds,
                                                            int most) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
