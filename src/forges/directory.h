// Which source host a connection belongs to, and as whom it is asked there: as the App that the account has
// set up for the clone URL's host, else by the connection's own token, else by the token of that host.
// Credentials of Apps are short-lived and of one repository; they are kept in memory until five minutes
// before their end. Owned by app; safe from any thread. Calls that need a fresh token ask the host, fifteen
// seconds at most, on the caller's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/result.h"
#include "model/forge.h"
#include "model/trigger.h"
#include "scm/forge/forge.h"
#include "store/connection_store.h"
#include "store/forge_store.h"

namespace kiln::forges {

// The door to the hosts: a client that trusts `ca` besides the machine's own authorities and goes only where
// the operator lets it.
using HttpDoor = std::function<std::unique_ptr<HttpClient>(const std::string& ca)>;

// What an API is asked with, and the client that it is asked by.
struct Access {
  const scm::Forge* kind = nullptr;  // never null
  std::unique_ptr<HttpClient> http;
  scm::ForgeAccess of_repo;
};

class Directory {
 public:
  // All outlive it.
  Directory(store::ConnectionStore& connections, store::ForgeStore& forges, const Clock& clock, HttpDoor door)
      : connections_(connections), forges_(forges), clock_(clock), door_(std::move(door)) {}

  // The forge that the account has set up at this clone URL's host, or nothing.
  [[nodiscard]] Result<std::optional<model::ForgeRecord>> forge_at(const std::string& account_id,
                                                                   const std::string& clone_url);
  // Where reports of this connection's builds go and as whom, since hosts limit each caller by himself: as
  // the name of a clock, which api_url_of_lane() takes apart; nothing: nobody there is told.
  [[nodiscard]] Result<std::optional<std::string>> host_of(const std::string& account_id,
                                                           const Uuid& connection);
  // Errors: those of the host; Errc::not_found when no forge is set up, or the App may not see the
  // repository.
  [[nodiscard]] Result<Access> access(const std::string& account_id, const Uuid& connection);
  // The host refused what access() gave: the next call gets fresh credentials.
  void forget(const Uuid& connection);
  // Whatever is kept of an App is asked for again.
  void forget_all();

  // What git shows the host: the connection's own credentials, else a token of the App. Empty: none.
  [[nodiscard]] Result<std::string> clone_authorization(const model::RepoConnection& connection);
  // Secrets of Apps and forges that may have signed a delivery of this connection.
  [[nodiscard]] Result<std::vector<std::string>> hook_secrets(const model::RepoConnection& connection);

  // As whom an App asks about itself; the client is the caller's.
  [[nodiscard]] Result<scm::AppAccess> as_app(const model::ForgeRecord& forge, HttpClient& http);
  [[nodiscard]] std::unique_ptr<HttpClient> client(const std::string& ca) const { return door_(ca); }

 private:
  // Where a connection's host is asked: by `own` when that is a token, else as the forge.
  struct Place {
    const scm::Forge* kind = nullptr;
    std::string api_url;
    std::string own;
    std::optional<model::ForgeRecord> forge;
  };
  [[nodiscard]] Result<std::optional<Place>> place_of(const model::RepoConnection& connection);
  struct Kept {
    std::string token;
    TimeMs expires_on = 0;
  };
  [[nodiscard]] Result<model::RepoConnection> connection_of(const std::string& account_id, const Uuid& uuid);
  [[nodiscard]] Result<std::string> token_for(const model::ForgeRecord& forge, const scm::Forge& kind,
                                              const model::RepoConnection& connection, HttpClient& http);

  store::ConnectionStore& connections_;
  store::ForgeStore& forges_;
  const Clock& clock_;
  HttpDoor door_;
  std::mutex mutex_;
  std::map<Uuid, Kept> tokens_;  // of Apps, by connection
};

// "https://api.github.com" of what host_of() returned.
[[nodiscard]] std::string api_url_of_lane(const std::string& lane);

// "acme/shop" of a clone URL.
[[nodiscard]] std::string full_name_of(const model::RepoConnection& connection);

}  // namespace kiln::forges
