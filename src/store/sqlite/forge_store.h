// Forges over the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/forge_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteForgeStore final : public ForgeStore {
 public:
  SqliteForgeStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Result<model::ForgeRecord> keep_forge(const model::ForgeRecord& forge,
                                                      const model::ForgeSecrets& secrets) override;
  [[nodiscard]] Result<std::vector<model::ForgeRecord>> forges(const std::string& account_id) override;
  [[nodiscard]] Result<std::vector<model::ForgeRecord>> forges_of_provider(
      const std::string& provider) override;
  [[nodiscard]] Result<model::ForgeRecord> forge(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<model::ForgeSecrets> forge_secrets(const Uuid& uuid) override;
  [[nodiscard]] Status delete_forge(const std::string& account_id, const Uuid& uuid) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
