// Connections to repositories over the database, their credentials and hooks' secrets sealed before they
// reach it (connection_secrets.cc). Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/connection_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteConnectionStore final : public ConnectionStore {
 public:
  // Everything passed by reference outlives the store.
  SqliteConnectionStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  // Takes the credentials out of the URLs of connections that were made before they were kept apart. Once,
  // before the store is used; finds nothing to do afterwards.
  [[nodiscard]] Status seal_credentials_in_urls();

  [[nodiscard]] Result<std::optional<model::RepoConnection>> follow_rename(
      const model::RepoConnection& renamed, TimeMs at_host) override;
  [[nodiscard]] Result<model::RepoConnection> upsert_connection(
      const model::RepoConnection& connection) override;
  [[nodiscard]] Result<model::RepoConnection> connection(const std::string& account_id,
                                                         const Uuid& uuid) override;
  [[nodiscard]] Result<std::vector<model::RepoConnection>> connections(
      const std::string& account_id) override;
  [[nodiscard]] Result<std::optional<model::RepoConnection>> connection_of_repo(
      const std::string& account_id, const std::string& provider_type, const std::string& provider_account_id,
      const std::string& repo_id) override;
  [[nodiscard]] Result<std::vector<model::RepoConnection>> connections_of_repo(
      const std::string& provider_type, const std::string& repo_id, const std::string& full_name) override;
  [[nodiscard]] Result<std::vector<model::RepoConnection>> connections_of_provider(
      const std::string& provider_type, std::size_t most) override;
  [[nodiscard]] Status learn_repo_id(const Uuid& connection, const std::string& repo_id, TimeMs now) override;
  [[nodiscard]] Status delete_connection(const std::string& account_id, const Uuid& uuid,
                                         TimeMs now) override;
  [[nodiscard]] Status set_clone_authorization(const Uuid& connection,
                                               const std::string& authorization) override;
  [[nodiscard]] Result<std::string> clone_authorization(const Uuid& connection) override;
  [[nodiscard]] Status set_provider(const Uuid& connection, const std::string& provider_type) override;
  [[nodiscard]] Status set_token(const Uuid& connection, const std::string& token) override;
  [[nodiscard]] Result<std::string> token(const Uuid& connection) override;
  [[nodiscard]] Status add_deploy_key(const Uuid& connection, const std::string& private_key,
                                      const std::string& public_key) override;
  [[nodiscard]] Result<std::string> deploy_key(const Uuid& connection) override;
  [[nodiscard]] Status pin_host_keys(const Uuid& connection, const std::string& host_keys) override;
  [[nodiscard]] Result<model::SshAccess> ssh_access(const Uuid& connection) override;
  [[nodiscard]] Status set_hook(const Uuid& connection, const std::string& hook_id,
                                const std::string& secret) override;
  [[nodiscard]] Result<std::optional<Hook>> hook(const Uuid& connection) override;
  [[nodiscard]] Status rotate_hook_secret(const Uuid& connection, const std::string& secret) override;
  [[nodiscard]] Result<std::vector<std::string>> hook_secrets(const Uuid& connection) override;
  [[nodiscard]] Result<std::optional<model::RepoConnection>> connection_by_hook_id(
      const std::string& hook_id) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
