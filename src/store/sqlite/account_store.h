// Accounts, API tokens and who a token stands for, over the database. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/account_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteAccountStore final : public AccountStore {
 public:
  explicit SqliteAccountStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<model::Account>> accounts() override;
  [[nodiscard]] Result<model::Account> account(const std::string& id) override;
  [[nodiscard]] Status add_account(const model::Account& account) override;
  [[nodiscard]] Status set_subdomain(const std::string& id, const std::string& subdomain) override;
  [[nodiscard]] Status set_name(const std::string& id, const std::string& name) override;
  [[nodiscard]] Status delete_account(const std::string& id, bool with_everything) override;
  [[nodiscard]] Status set_build_minutes(const std::string& id, std::optional<std::int64_t> minutes) override;
  [[nodiscard]] Result<model::Account> default_account(const model::Account& fresh) override;
  [[nodiscard]] Status add_token(const model::ApiToken& token, const std::string& secret_hash) override;
  [[nodiscard]] Status revoke_token(const std::string& account_id, const Uuid& id) override;
  [[nodiscard]] Status rotate_token(const std::string& account_id, const Uuid& id,
                                    const std::string& secret_hash, TimeMs keep_ms) override;
  [[nodiscard]] Result<std::vector<model::ApiToken>> list_tokens(const std::string& account_id) override;
  [[nodiscard]] Result<std::optional<model::Principal>> find_principal(
      const std::string& secret_hash) override;
  void touch_token(const std::string& token_id) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
