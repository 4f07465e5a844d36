// Events of accounts, which triggers of the schema write. Owned by app; safe from any thread.
#pragma once

#include <string>

#include "store/event_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteEventStore final : public EventStore {
 public:
  explicit SqliteEventStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<AccountEvents> events_after(const std::string& account_id,
                                                   std::int64_t number) override;
  [[nodiscard]] Result<std::int64_t> last_event() override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
