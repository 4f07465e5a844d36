// The hosts of every account: those of the proxy in front of Workers where there is one, else at the port
// where Workers answer. Owned by app; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "model/public_origin.h"
#include "store/account_store.h"
#include "workers/hosts.h"

namespace kiln::workers {

class AccountHosts {
 public:
  // The store outlives it.
  AccountHosts(store::AccountStore& accounts, std::string domain,
               std::optional<model::PublicOrigin> proxy = std::nullopt)
      : accounts_(accounts), domain_(std::move(domain)), proxy_(std::move(proxy)) {}

  // Workers answer there from now on; until then addresses have no port. Subdomains are final by then.
  void serve_at(std::uint16_t port) { port_ = port; }
  // Whether this is an address of a Worker's own: <label>.<subdomain>.<domain>, or the proxy's host itself.
  [[nodiscard]] bool is_own(std::string_view host) const;
  // Whether anything answers at these addresses.
  [[nodiscard]] bool served() const { return port_ != 0; }

  // Those of an account that is there. When the store cannot be read, the log says so and the subdomain is
  // empty.
  [[nodiscard]] Hosts of(const std::string& account_id) const;

 private:
  [[nodiscard]] Hosts at(std::string subdomain) const;

  store::AccountStore& accounts_;
  const std::string domain_;
  const std::optional<model::PublicOrigin> proxy_;
  std::atomic<std::uint16_t> port_{0};
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::string> subdomains_;  // by account; kept once Workers are served
};

}  // namespace kiln::workers
