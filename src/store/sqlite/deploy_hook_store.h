// Deploy hooks over the database: found by the hash of their uuid, which is sealed at rest. Owned by app;
// safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/deploy_hook_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteDeployHookStore final : public DeployHookStore {
 public:
  SqliteDeployHookStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Status add_hook(const model::DeployHook& hook) override;
  [[nodiscard]] Result<std::vector<model::DeployHook>> hooks_of_worker(
      const std::string& account_id, const std::string& worker_tag) override;
  [[nodiscard]] Result<model::DeployHook> hook(const std::string& account_id, const std::string& worker_tag,
                                               const Uuid& uuid) override;
  [[nodiscard]] Result<model::DeployHook> update_hook(const model::DeployHook& hook) override;
  [[nodiscard]] Result<model::DeployHook> delete_hook(const std::string& account_id,
                                                      const std::string& worker_tag,
                                                      const Uuid& uuid) override;
  [[nodiscard]] Result<model::DeployHook> hook_by_secret(const Uuid& uuid) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
