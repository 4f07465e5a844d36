// Port: the KV namespaces of accounts, by name; what is kept in them stands apart (kv_values.h). Owned by
// app; every method is one durable transaction and safe from any thread. What belongs to another account is
// Errc::kv_namespace_not_found.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "model/kv.h"
#include "store/page.h"

namespace kiln::store {

enum class KvOrder { id, title };

class KvNamespaceStore {
 public:
  virtual ~KvNamespaceStore() = default;

  // Errors: Errc::conflict, field title, when the account has one of that title, or too many.
  [[nodiscard]] virtual Status add(const model::KvNamespace& space) = 0;
  [[nodiscard]] virtual Result<Paged<model::KvNamespace>> namespaces(const std::string& account_id, Page page,
                                                                     KvOrder order, bool descending) = 0;
  [[nodiscard]] virtual Result<model::KvNamespace> find(const std::string& account_id,
                                                        const std::string& id) = 0;
  // Errors: as add().
  [[nodiscard]] virtual Status rename(const std::string& account_id, const std::string& id,
                                      const std::string& title) = 0;
  [[nodiscard]] virtual Status remove(const std::string& account_id, const std::string& id) = 0;
  // Of every account.
  [[nodiscard]] virtual Result<std::set<std::string>> all_ids() = 0;
};

}  // namespace kiln::store
