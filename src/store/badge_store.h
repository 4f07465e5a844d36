// Port: the badges of Workers, one for each that has one. Owned by app; every method is one transaction and
// safe from any thread. How long a look-up takes tells nothing about an address. Badges go with their Worker
// (worker_store.h delete_worker).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/badge.h"

namespace kiln::store {

class BadgeStore {
 public:
  virtual ~BadgeStore() = default;

  // Nothing while the Worker has none.
  [[nodiscard]] virtual Result<std::optional<model::Badge>> badge(const std::string& account_id,
                                                                  const std::string& worker_tag) = 0;
  // In the place of the one that the Worker had, whose address answers no more unless it is the same. Errors:
  // Errc::worker_not_found unless the Worker is live and of the account.
  [[nodiscard]] virtual Status put_badge(const model::Badge& badge) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status delete_badge(const std::string& account_id, const std::string& worker_tag) = 0;
  // Any account's badge. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::Badge> badge_at(const Uuid& uuid) = 0;
};

}  // namespace kiln::store
