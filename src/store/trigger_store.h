// Port: repository connections, triggers with their variables, and build tokens. Owned by app; every method
// is one transaction and safe from any thread. Things of another account are Errc::not_found.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build.h"
#include "model/trigger.h"

namespace kiln::store {

struct Page {
  int page = 1;  // from 1
  int per_page = 50;
};

template <typename T>
struct Paged {
  std::vector<T> items;
  std::size_t total = 0;
};

class TriggerStore {
 public:
  virtual ~TriggerStore() = default;

  // --- connections
  // -----------------------------------------------------------------------------------------------
  // Idempotent by (account, provider_type, provider_account_id, repo_id): an existing live row keeps its uuid
  // and created_on and takes the new names and, when given, the new clone_url. One whose repo_id is
  // provisional (model/repo_place.h) is also the live row of its provider that is cloned from the same place.
  // Returns the row as stored.
  [[nodiscard]] virtual Result<model::RepoConnection> upsert_connection(
      const model::RepoConnection& connection) = 0;
  [[nodiscard]] virtual Result<model::RepoConnection> connection(const std::string& account_id,
                                                                 const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<std::vector<model::RepoConnection>> connections(
      const std::string& account_id) = 0;
  // The account's live connection of this repository, or nothing.
  [[nodiscard]] virtual Result<std::optional<model::RepoConnection>> connection_of_repo(
      const std::string& account_id, const std::string& provider_type, const std::string& provider_account_id,
      const std::string& repo_id) = 0;
  // Live connections of any account with this provider and repo_id, or provisional under this full name
  // ("acme/shop"), of whatever host.
  [[nodiscard]] virtual Result<std::vector<model::RepoConnection>> connections_of_repo(
      const std::string& provider_type, const std::string& repo_id, const std::string& full_name) = 0;
  // Replaces a provisional repo_id by the host's own.
  [[nodiscard]] virtual Status learn_repo_id(const Uuid& connection, const std::string& repo_id,
                                             TimeMs now) = 0;
  // Errors: Errc::conflict while a live trigger uses it.
  [[nodiscard]] virtual Status delete_connection(const std::string& account_id, const Uuid& uuid,
                                                 TimeMs now) = 0;

  // The value of the Authorization header that git sends to the connection's host, sealed at rest; empty:
  // none. It goes when upsert_connection() points the connection at another origin. Errors: Errc::not_found.
  [[nodiscard]] virtual Status set_clone_authorization(const Uuid& connection,
                                                       const std::string& authorization) = 0;
  [[nodiscard]] virtual Result<std::string> clone_authorization(const Uuid& connection) = 0;

  // The hook secret of a connection, sealed at rest. hook_id is the unguessable part of a plain-git hook's
  // URL.
  [[nodiscard]] virtual Status set_hook(const Uuid& connection, const std::string& hook_id,
                                        const std::string& secret) = 0;
  struct Hook {
    std::string hook_id;
    std::string secret;
  };
  [[nodiscard]] virtual Result<std::optional<Hook>> hook(const Uuid& connection) = 0;
  [[nodiscard]] virtual Result<std::optional<model::RepoConnection>> connection_by_hook_id(
      const std::string& hook_id) = 0;

  // --- triggers
  // --------------------------------------------------------------------------------------------------
  // `trigger.connection.uuid` must be live and of the account, build_token_uuid too when given, else
  // Errc::not_found with `field` set. worker_tag must exist: Errc::not_found, field external_script_id.
  [[nodiscard]] virtual Result<model::Trigger> add_trigger(const model::Trigger& trigger) = 0;
  [[nodiscard]] virtual Result<model::Trigger> trigger(const std::string& account_id,
                                                       const Uuid& uuid) = 0;  // live
  // In whatever state, of whatever account, as a build shows it. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<model::Trigger> trigger_in_any_state(const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<std::vector<model::Trigger>> triggers_of_worker(
      const std::string& account_id, const std::string& worker_tag) = 0;
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

  // --- variables of a trigger
  // ------------------------------------------------------------------------------------ With `with_secrets`,
  // secret values are unsealed into `value`; otherwise they are empty.
  [[nodiscard]] virtual Result<std::vector<model::EnvVar>> variables(const Uuid& trigger,
                                                                     bool with_secrets) = 0;
  // Errors: Errc::invalid when the trigger would have more than `max_count` variables; nothing is changed
  // then.
  [[nodiscard]] virtual Status upsert_variables(const Uuid& trigger,
                                                const std::vector<model::EnvVar>& variables,
                                                std::size_t max_count) = 0;
  [[nodiscard]] virtual Status delete_variable(const Uuid& trigger, const std::string& name) = 0;

  // --- build tokens
  // ----------------------------------------------------------------------------------------------
  [[nodiscard]] virtual Status add_build_token(const model::BuildToken& token, const std::string& secret) = 0;
  [[nodiscard]] virtual Result<Paged<model::BuildToken>> build_tokens(const std::string& account_id,
                                                                      Page page) = 0;
  // The account's default token; made from `fresh` when there is none.
  [[nodiscard]] virtual Result<model::BuildToken> default_build_token(const model::BuildToken& fresh) = 0;
  // Triggers keep pointing at it: their next build fails saying so.
  [[nodiscard]] virtual Status delete_build_token(const std::string& account_id, const Uuid& uuid,
                                                  TimeMs now) = 0;
};

}  // namespace kiln::store
