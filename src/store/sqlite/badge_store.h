// Badges over the database: found by the hash of their uuid, which is sealed at rest. Owned by app; safe from
// any thread.
#pragma once

#include <optional>
#include <string>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/badge_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteBadgeStore final : public BadgeStore {
 public:
  SqliteBadgeStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Result<std::optional<model::Badge>> badge(const std::string& account_id,
                                                          const std::string& worker_tag) override;
  [[nodiscard]] Result<model::Badge> put_badge(const Wish& wish) override;
  [[nodiscard]] Result<std::optional<model::BuildOutcome>> latest_outcome(const model::Badge& badge) override;
  [[nodiscard]] Status delete_badge(const std::string& account_id, const std::string& worker_tag) override;
  [[nodiscard]] Result<model::Badge> badge_at(const Uuid& uuid) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
