// What waits and runs now, over the database. Owned by app; safe from any thread.
#pragma once

#include "store/gauge_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteGaugeStore final : public GaugeStore {
 public:
  explicit SqliteGaugeStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<Gauges> gauges() override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
