// Port: the connections from accounts to repositories, with the credentials and the hook of each. Owned by
// app; every method is one transaction and safe from any thread. A connection of another account is
// Errc::not_found.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ssh_access.h"
#include "model/trigger.h"

namespace kiln::store {

// How long a secret that was replaced is good beside its successor: whoever shows it has to be told first.
inline constexpr TimeMs kOldSecretMs = TimeMs{24} * 3'600'000;

class ConnectionStore {
 public:
  virtual ~ConnectionStore() = default;

  // Idempotent by (account, provider_type, provider_account_id, repo_id): an existing live row keeps its uuid
  // and created_on and takes the new names and, when given, the new clone_url. One whose repo_id is
  // provisional (model/repo_place.h) is also the live row of its provider that is cloned from the same place.
  // Returns the row as stored.
  [[nodiscard]] virtual Result<model::RepoConnection> upsert_connection(
      const model::RepoConnection& connection) = 0;
  // It takes the names and the clone_url of `renamed`, which its host gave it at that time of the host's
  // clock; nothing when the host gave it others later. 0: the host does not say when; what lies ahead counts
  // as now. Errors: Errc::not_found.
  [[nodiscard]] virtual Result<std::optional<model::RepoConnection>> follow_rename(
      const model::RepoConnection& renamed, TimeMs at_host) = 0;
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
  // Live connections of any account with this provider, `most` of them; first those whose hosts have not yet
  // told their ids.
  [[nodiscard]] virtual Result<std::vector<model::RepoConnection>> connections_of_provider(
      const std::string& provider_type, std::size_t most) = 0;
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

  // The kind of host that it is at. Errors: Errc::not_found; Errc::conflict when the account has that
  // repository of that provider already.
  [[nodiscard]] virtual Status set_provider(const Uuid& connection, const std::string& provider_type) = 0;

  // What the API of the connection's host is shown, sealed at rest; empty: nothing. Errors: Errc::not_found.
  [[nodiscard]] virtual Status set_token(const Uuid& connection, const std::string& token) = 0;
  [[nodiscard]] virtual Result<std::string> token(const Uuid& connection) = 0;

  // The newest deploy key, its private half sealed at rest; one that it replaces is tried after it for
  // kOldSecretMs. Keys and pins go when upsert_connection() points the connection at another host.
  [[nodiscard]] virtual Status add_deploy_key(const Uuid& connection, const std::string& private_key,
                                              const std::string& public_key) = 0;
  // The public half of the newest; empty: there is none.
  [[nodiscard]] virtual Result<std::string> deploy_key(const Uuid& connection) = 0;
  // Keys that the host may show, one a line; those before are forgotten.
  [[nodiscard]] virtual Status pin_host_keys(const Uuid& connection, const std::string& host_keys) = 0;
  // What git is to show and to expect there.
  [[nodiscard]] virtual Result<model::SshAccess> ssh_access(const Uuid& connection) = 0;

  // The hook secret of a connection, sealed at rest. hook_id is the unguessable part of a plain-git hook's
  // URL.
  [[nodiscard]] virtual Status set_hook(const Uuid& connection, const std::string& hook_id,
                                        const std::string& secret) = 0;
  struct Hook {
    std::string hook_id;
    std::string secret;
  };
  [[nodiscard]] virtual Result<std::optional<Hook>> hook(const Uuid& connection) = 0;
  // `secret` becomes the one that hook() returns; the one before is good for kOldSecretMs. Errors:
  // Errc::not_found, also when it has no hook yet.
  [[nodiscard]] virtual Status rotate_hook_secret(const Uuid& connection, const std::string& secret) = 0;
  // All that a delivery may be signed with now, the newest first; none: it has no hook.
  [[nodiscard]] virtual Result<std::vector<std::string>> hook_secrets(const Uuid& connection) = 0;
  [[nodiscard]] virtual Result<std::optional<model::RepoConnection>> connection_by_hook_id(
      const std::string& hook_id) = 0;
};

}  // namespace kiln::store
