// Port: the deploy hooks of Workers. Owned by app; every method is one transaction and safe from any thread.
// A hook's uuid is a secret: no error says it, and how long a look-up takes tells nothing about it. Starting
// builds by hooks belongs to build_queue.h; hooks go with their Worker (worker_store.h delete_worker).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/deploy_hook.h"

namespace kiln::store {

class DeployHookStore {
 public:
  virtual ~DeployHookStore() = default;

  // Errors: Errc::worker_not_found unless the Worker is live and of the account; Errc::conflict (field
  // deploy_hook_name) when it has a hook of that name.
  [[nodiscard]] virtual Status add_hook(const model::DeployHook& hook) = 0;
  // Oldest first.
  [[nodiscard]] virtual Result<std::vector<model::DeployHook>> hooks_of_worker(
      const std::string& account_id, const std::string& worker_tag) = 0;
  // Errors: Errc::not_found for one of another account or Worker.
  [[nodiscard]] virtual Result<model::DeployHook> hook(const std::string& account_id,
                                                       const std::string& worker_tag, const Uuid& uuid) = 0;
  // Stores name, branch and modified_on; returns the hook as stored. Errors: Errc::not_found, Errc::conflict
  // as above.
  [[nodiscard]] virtual Result<model::DeployHook> update_hook(const model::DeployHook& hook) = 0;
  // Returns the hook as it was. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::DeployHook> delete_hook(const std::string& account_id,
                                                              const std::string& worker_tag,
                                                              const Uuid& uuid) = 0;
  // Any account's hook: the caller has shown that it knows the secret. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::DeployHook> hook_by_secret(const Uuid& uuid) = 0;
};

}  // namespace kiln::store
