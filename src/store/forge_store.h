// Port: the source hosts that accounts have set up, with their secrets, sealed at rest. Owned by app; every
// method is one durable transaction and safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/forge.h"

namespace kiln::store {

class ForgeStore {
 public:
  virtual ~ForgeStore() = default;

  // Takes the place of the account's forge of the same provider and web_url, which keeps its uuid and
  // created_on. Returns the row as stored.
  [[nodiscard]] virtual Result<model::ForgeRecord> keep_forge(const model::ForgeRecord& forge,
                                                              const model::ForgeSecrets& secrets) = 0;
  // In the order in which they were set up.
  [[nodiscard]] virtual Result<std::vector<model::ForgeRecord>> forges(const std::string& account_id) = 0;
  // Of every account.
  [[nodiscard]] virtual Result<std::vector<model::ForgeRecord>> forges_of_provider(
      const std::string& provider) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::ForgeRecord> forge(const std::string& account_id, const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<model::ForgeSecrets> forge_secrets(const Uuid& uuid) = 0;
  [[nodiscard]] virtual Status delete_forge(const std::string& account_id, const Uuid& uuid) = 0;
};

}  // namespace kiln::store
