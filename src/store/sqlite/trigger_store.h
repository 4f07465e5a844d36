// Connections, triggers, variables and build tokens over the database; secrets are sealed before they reach
// it. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/sqlite/database.h"
#include "store/trigger_store.h"

namespace kiln::store::sqlite {

class SqliteTriggerStore final : public TriggerStore {
 public:
  SqliteTriggerStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  // Takes the credentials out of the URLs of connections that were made before they were kept apart. Once,
  // before the store is used; finds nothing to do afterwards.
  [[nodiscard]] Status seal_credentials_in_urls();

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
  [[nodiscard]] Status learn_repo_id(const Uuid& connection, const std::string& repo_id, TimeMs now) override;
  [[nodiscard]] Status delete_connection(const std::string& account_id, const Uuid& uuid,
                                         TimeMs now) override;
  [[nodiscard]] Status set_clone_authorization(const Uuid& connection,
                                               const std::string& authorization) override;
  [[nodiscard]] Result<std::string> clone_authorization(const Uuid& connection) override;
  [[nodiscard]] Status set_hook(const Uuid& connection, const std::string& hook_id,
                                const std::string& secret) override;
  [[nodiscard]] Result<std::optional<Hook>> hook(const Uuid& connection) override;
  [[nodiscard]] Result<std::optional<model::RepoConnection>> connection_by_hook_id(
      const std::string& hook_id) override;

  [[nodiscard]] Result<model::Trigger> add_trigger(const model::Trigger& trigger) override;
  [[nodiscard]] Result<model::Trigger> trigger(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<model::Trigger> trigger_in_any_state(const Uuid& uuid) override;
  [[nodiscard]] Result<std::vector<model::Trigger>> triggers_of_worker(
      const std::string& account_id, const std::string& worker_tag) override;
  [[nodiscard]] Result<std::vector<model::Trigger>> triggers_of_connection(const Uuid& connection) override;
  [[nodiscard]] Result<model::Trigger> update_trigger(const model::Trigger& trigger) override;
  [[nodiscard]] Status delete_trigger(const std::string& account_id, const Uuid& uuid, TimeMs now) override;
  [[nodiscard]] Status purge_build_cache(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<std::map<Uuid, std::int64_t>> cache_epochs(const std::vector<Uuid>& triggers) override;

  [[nodiscard]] Result<std::vector<model::EnvVar>> variables(const Uuid& trigger, bool with_secrets) override;
  [[nodiscard]] Status upsert_variables(const Uuid& trigger, const std::vector<model::EnvVar>& variables,
                                        std::size_t max_count) override;
  [[nodiscard]] Status delete_variable(const Uuid& trigger, const std::string& name) override;

  [[nodiscard]] Status add_build_token(const model::BuildToken& token, const std::string& secret) override;
  [[nodiscard]] Result<Paged<model::BuildToken>> build_tokens(const std::string& account_id,
                                                              Page page) override;
  [[nodiscard]] Result<model::BuildToken> default_build_token(const model::BuildToken& fresh) override;
  [[nodiscard]] Status delete_build_token(const std::string& account_id, const Uuid& uuid,
                                          TimeMs now) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
