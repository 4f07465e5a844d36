// Port: the badges of Workers, one for each that has one. Owned by app; every method is one transaction and
// safe from any thread. How long a look-up takes tells nothing about an address. Badges go with their Worker
// (worker_store.h delete_worker).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/badge.h"
#include "model/build.h"

namespace kiln::store {

inline constexpr int kBuildsLookedAt = 2'000;

class BadgeStore {
 public:
  virtual ~BadgeStore() = default;

  // Nothing while the Worker has none.
  [[nodiscard]] virtual Result<std::optional<model::Badge>> badge(const std::string& account_id,
                                                                  const std::string& worker_tag) = 0;
  // `fresh` becomes the Worker's badge where it has none yet, or where the one that it has is to be replaced,
  // whose address then answers no more. `branch`, if any, is the branch of either. Returns the badge as it is
  // now. Errors: Errc::worker_not_found unless the Worker is live and of the account.
  struct Wish {
    model::Badge fresh;
    std::optional<std::string> branch;
    bool replace = false;
  };
  [[nodiscard]] virtual Result<model::Badge> put_badge(const Wish& wish) = 0;
  // How the newest build ended that says something of the badge's branch: one that is over, neither skipped
  // nor cancelled, and no pull request's. Looks at the Worker's last kBuildsLookedAt.
  [[nodiscard]] virtual Result<std::optional<model::BuildOutcome>> latest_outcome(
      const model::Badge& badge) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status delete_badge(const std::string& account_id, const std::string& worker_tag) = 0;
  // Any account's badge. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::Badge> badge_at(const Uuid& uuid) = 0;
};

}  // namespace kiln::store
