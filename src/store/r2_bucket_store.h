// Port: the R2 buckets of accounts, by name; what is kept in them stands apart (r2_objects.h). Owned by app;
// every method is one durable transaction and safe from any thread. What belongs to another account is
// Errc::not_found, field kNoR2Bucket.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/r2.h"

namespace kiln::store {

inline constexpr const char* kNoR2Bucket = "bucket";

class R2BucketStore {
 public:
  virtual ~R2BucketStore() = default;

  // Errors: Errc::conflict, field name, when the account has one of that name; field account, when it has too
  // many.
  [[nodiscard]] virtual Status add(const model::R2Bucket& bucket) = 0;
  struct Listing {
    std::string name_part;  // buckets that have this in their name
    std::string after;      // behind this name alone
    int limit = 0;
  };
  // By name, and one more than the limit where there are more.
  [[nodiscard]] virtual Result<std::vector<model::R2Bucket>> buckets(const std::string& account_id,
                                                                     const Listing& listing) = 0;
  [[nodiscard]] virtual Result<model::R2Bucket> find(const std::string& account_id,
                                                     const std::string& name) = 0;
  [[nodiscard]] virtual Status set_storage_class(const std::string& account_id, const std::string& name,
                                                 const std::string& storage_class) = 0;
  [[nodiscard]] virtual Status remove(const std::string& account_id, const std::string& name) = 0;
  // Of every account.
  [[nodiscard]] virtual Result<std::set<std::string>> all_ids() = 0;
};

}  // namespace kiln::store
