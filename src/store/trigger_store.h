// Port: triggers, their variables and the epochs of their build caches. Owned by app; every method is one
// transaction and safe from any thread. A trigger of another account is Errc::not_found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build.h"
#include "model/trigger.h"

namespace kiln::store {

class TriggerStore {
 public:
  virtual ~TriggerStore() = default;

  // `trigger.connection.uuid` must be live and of the account, build_token_uuid too when given, else
  // Errc::not_found with `field` set. worker_tag must exist: Errc::not_found, field external_script_id.
  [[nodiscard]] virtual Result<model::Trigger> add_trigger(const model::Trigger& trigger) = 0;
  [[nodiscard]] virtual Result<model::Trigger> trigger(const std::string& account_id,
                                                       const Uuid& uuid) = 0;  // live
  // In whatever state, of whatever account, as a build shows it. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::Trigger> trigger_in_any_state(const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<std::vector<model::Trigger>> triggers_of_worker(
      const std::string& account_id, const std::string& worker_tag) = 0;
  // Of all its Workers, the oldest first.
  [[nodiscard]] virtual Result<std::vector<model::Trigger>> triggers_of_account(
      const std::string& account_id) = 0;
  [[nodiscard]] virtual Result<std::vector<model::Trigger>> triggers_of_connection(
      const Uuid& connection) = 0;
  // Stores every settable field of `trigger` (connection and token by uuid) and its modified_on.
  [[nodiscard]] virtual Result<model::Trigger> update_trigger(const model::Trigger& trigger) = 0;
  [[nodiscard]] virtual Status delete_trigger(const std::string& account_id, const Uuid& uuid,
                                              TimeMs now) = 0;
  // Begins a new cache_epoch: what was cached before is nobody's any more.
  [[nodiscard]] virtual Status purge_build_cache(const std::string& account_id, const Uuid& uuid) = 0;
  // The cache_epoch of those of `triggers` that are live, of whatever account.
  [[nodiscard]] virtual Result<std::map<Uuid, std::int64_t>> cache_epochs(
      const std::vector<Uuid>& triggers) = 0;

  // With `with_secrets`, secret values of variables are unsealed into `value`; otherwise they are empty.
  [[nodiscard]] virtual Result<std::vector<model::EnvVar>> variables(const Uuid& trigger,
                                                                     bool with_secrets) = 0;
  // Errors: Errc::invalid when the trigger would have more than `max_count` variables; nothing is changed
  // then.
  [[nodiscard]] virtual Status upsert_variables(const Uuid& trigger,
                                                const std::vector<model::EnvVar>& variables,
                                                std::size_t max_count) = 0;
  [[nodiscard]] virtual Status delete_variable(const Uuid& trigger, const std::string& name) = 0;
};

}  // namespace kiln::store
