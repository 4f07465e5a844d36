// Port: accounts and API tokens. Owned by app; every method is one transaction and safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/principal.h"

namespace kiln::store {

class AccountStore {
 public:
  virtual ~AccountStore() = default;

  [[nodiscard]] virtual Result<std::vector<model::Account>> accounts() = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::Account> account(const std::string& id) = 0;
  // Errors: Errc::conflict, field subdomain, when another account has that subdomain.
  [[nodiscard]] virtual Status add_account(const model::Account& account) = 0;
  // Errors: Errc::not_found; Errc::conflict as above.
  [[nodiscard]] virtual Status set_subdomain(const std::string& id, const std::string& subdomain) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status set_name(const std::string& id, const std::string& name) = 0;
  // What the account has goes with it: Workers, triggers, connections, tokens and whatever else is live; its
  // history stays. Errors: Errc::not_found; Errc::conflict, saying why, for the oldest account, which is the
  // default, while builds are not over, and, unless `with_everything`, while it has Workers or repositories.
  [[nodiscard]] virtual Status delete_account(const std::string& id, bool with_everything) = 0;
  // How many build minutes it may use in a month; nothing: any number. Errors: Errc::not_found.
  [[nodiscard]] virtual Status set_build_minutes(const std::string& id,
                                                 std::optional<std::int64_t> minutes) = 0;
  // The oldest account; made from `fresh` when there is none yet.
  [[nodiscard]] virtual Result<model::Account> default_account(const model::Account& fresh) = 0;

  // `secret_hash` is sha256 (raw) of the token text; the text itself is never stored.
  [[nodiscard]] virtual Status add_token(const model::ApiToken& token, const std::string& secret_hash) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status revoke_token(const std::string& account_id, const Uuid& id) = 0;
  // From now on it has that secret; the one before is good for `keep_ms` more. Errors: Errc::not_found;
  // Errc::conflict when it is revoked.
  [[nodiscard]] virtual Status rotate_token(const std::string& account_id, const Uuid& id,
                                            const std::string& secret_hash, TimeMs keep_ms) = 0;
  [[nodiscard]] virtual Result<std::vector<model::ApiToken>> list_tokens(const std::string& account_id) = 0;
  // The live principal behind this hash: an API token that is neither revoked nor expired, or a
  // build's own token while its attempt holds the lease, trusted as its trigger has it now. Nothing when
  // there is none.
  [[nodiscard]] virtual Result<std::optional<model::Principal>> find_principal(
      const std::string& secret_hash) = 0;
  // Notes the use; may be lossy.
  virtual void touch_token(const std::string& token_id) = 0;
};

}  // namespace kiln::store
