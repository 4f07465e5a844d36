// Triggers over the database, and their variables (trigger_variables.cc), of which the secret ones are sealed
// before they reach it. Owned by app; safe from any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/sqlite/database.h"
#include "store/trigger_store.h"

namespace kiln::store::sqlite {

class SqliteTriggerStore final : public TriggerStore {
 public:
  // Everything passed by reference outlives the store.
  SqliteTriggerStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Result<model::Trigger> add_trigger(const model::Trigger& trigger) override;
  [[nodiscard]] Result<model::Trigger> trigger(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<model::Trigger> trigger_in_any_state(const Uuid& uuid) override;
  [[nodiscard]] Result<std::vector<model::Trigger>> triggers_of_worker(
      const std::string& account_id, const std::string& worker_tag) override;
  [[nodiscard]] Result<std::vector<model::Trigger>> triggers_of_account(
      const std::string& account_id) override;
  [[nodiscard]] Result<std::vector<model::Trigger>> triggers_of_connection(const Uuid& connection) override;
  [[nodiscard]] Result<model::Trigger> update_trigger(const model::Trigger& trigger) override;
  [[nodiscard]] Status delete_trigger(const std::string& account_id, const Uuid& uuid, TimeMs now) override;
  [[nodiscard]] Status purge_build_cache(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<std::map<Uuid, std::int64_t>> cache_epochs(const std::vector<Uuid>& triggers) override;
  [[nodiscard]] Result<std::vector<model::EnvVar>> variables(const Uuid& trigger, bool with_secrets) override;
  [[nodiscard]] Status upsert_variables(const Uuid& trigger, const std::vector<model::EnvVar>& variables,
                                        std::size_t max_count) override;
  [[nodiscard]] Status delete_variable(const Uuid& trigger, const std::string& name) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
