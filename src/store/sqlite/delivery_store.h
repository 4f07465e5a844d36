// Deliveries over the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "store/delivery_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteDeliveryStore final : public DeliveryStore {
 public:
  explicit SqliteDeliveryStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<Paged<model::Delivery>> deliveries(const std::string& account_id,
                                                          const DeliveryFilter& filter,
                                                          const Page& page) override;
  [[nodiscard]] Result<model::Delivery> delivery(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Status keep_refused(const std::vector<model::Delivery>& deliveries) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
