// store::R2BucketStore on SQLite. Owned by app; any thread.
#pragma once

#include "store/r2_bucket_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteR2BucketStore final : public R2BucketStore {
 public:
  explicit SqliteR2BucketStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add(const model::R2Bucket& bucket) override;
  [[nodiscard]] Result<std::vector<model::R2Bucket>> buckets(const std::string& account_id,
                                                             const Listing& listing) override;
  [[nodiscard]] Result<model::R2Bucket> find(const std::string& account_id, const std::string& name) override;
  [[nodiscard]] Status set_storage_class(const std::string& account_id, const std::string& name,
                                         const std::string& storage_class) override;
  [[nodiscard]] Status remove(const std::string& account_id, const std::string& name) override;
  [[nodiscard]] Result<std::set<std::string>> all_ids() override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
