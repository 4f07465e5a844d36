// Traces that are still to be told, over the database. Owned by app; safe from any thread.
#pragma once

#include "store/sqlite/database.h"
#include "store/trace_store.h"

namespace kiln::store::sqlite {

class SqliteTraceStore final : public TraceStore {
 public:
  explicit SqliteTraceStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::optional<TimeMs>> due_on() override;
  [[nodiscard]] Result<std::optional<DueTrace>> next() override;
  [[nodiscard]] Status done(const Uuid& build) override;
  [[nodiscard]] Status postpone(const Uuid& build, TimeMs wait_ms) override;

 private:
  Database& database_;
};

// Inside a transaction: a build that is over is due at once. One that is there already stays as it is.
void put_trace(Connection& db, const Uuid& build, TimeMs now);

}  // namespace kiln::store::sqlite
