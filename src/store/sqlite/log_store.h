// Builds' logs by line, read from the database. Owned by app; safe from any thread.
#pragma once

#include "store/log_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteLogStore final : public LogStore {
 public:
  explicit SqliteLogStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<LogWindow> lines(const Uuid& build, const LineRange& range,
                                        std::size_t max_bytes) override;
  [[nodiscard]] Result<std::int64_t> count(const Uuid& build) override;
  [[nodiscard]] Result<std::int64_t> walk(const Uuid& build, std::int64_t from,
                                          const Visitor& visit) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
