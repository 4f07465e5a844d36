// Port: the D1 databases of accounts, by name; what is in them stands apart, in files that workerd alone
// writes. Owned by app; every method is one durable transaction and safe from any thread. What belongs to
// another account is Errc::not_found.
#pragma once

#include <set>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "model/d1.h"
#include "store/page.h"

namespace kiln::store {

class D1DatabaseStore {
 public:
  virtual ~D1DatabaseStore() = default;

  // Errors: Errc::conflict, field name, when the account has one of that name; field account, when it has too
  // many.
  [[nodiscard]] virtual Status add(const model::D1Database& database) = 0;
  // By name, those that have `name_part` in theirs.
  [[nodiscard]] virtual Result<Paged<model::D1Database>> databases(const std::string& account_id, Page page,
                                                                   const std::string& name_part) = 0;
  // By its id, or else by its name.
  [[nodiscard]] virtual Result<model::D1Database> find(const std::string& account_id,
                                                       const std::string& id_or_name) = 0;
  [[nodiscard]] virtual Status remove(const std::string& account_id, const Uuid& id) = 0;
  // Of every account.
  [[nodiscard]] virtual Result<std::set<std::string>> all_ids() = 0;
  // Whether there is one of that id, whoever's.
  [[nodiscard]] virtual Result<bool> has(const Uuid& id) = 0;
};

}  // namespace kiln::store
