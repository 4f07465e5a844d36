// The hosts of every account, at the port where Workers answer. Owned by app; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "store/account_store.h"
#include "workers/hosts.h"

namespace kiln::workers {

class AccountHosts {
 public:
  // The store outlives it.
  AccountHosts(store::AccountStore& accounts, std::string domain)
      : accounts_(accounts), domain_(std::move(domain)) {}

  // Workers answer there from now on; until then addresses have no port.
  void serve_at(std::uint16_t port) { port_ = port; }

  // Those of an account that is there. When the store cannot be read, the log says so and the subdomain is
  // empty.
  [[nodiscard]] Hosts of(const std::string& account_id) const;

 private:
  store::AccountStore& accounts_;
  std::string domain_;
  std::atomic<std::uint16_t> port_{0};
};

}  // namespace kiln::workers
