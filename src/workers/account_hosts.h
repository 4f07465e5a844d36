// The hosts of every account, at the port where Workers answer. Owned by app; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "store/account_store.h"
#include "workers/hosts.h"

namespace kiln::workers {

class AccountHosts {
 public:
  // The store outlives it.
  AccountHosts(store::AccountStore& accounts, std::string domain)
      : accounts_(accounts), domain_(std::move(domain)) {}

  // Workers answer there from now on; until then addresses have no port. Subdomains are final by then.
  void serve_at(std::uint16_t port) { port_ = port; }
  // Whether anything answers at these addresses.
  [[nodiscard]] bool served() const { return port_ != 0; }

  // Those of an account that is there. When the store cannot be read, the log says so and the subdomain is
  // empty.
  [[nodiscard]] Hosts of(const std::string& account_id) const;

 private:
  store::AccountStore& accounts_;
  std::string domain_;
  std::atomic<std::uint16_t> port_{0};
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::string> subdomains_;  // by account; kept once Workers are served
};

}  // namespace kiln::workers
