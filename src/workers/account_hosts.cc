#include "workers/account_hosts.h"

#include "base/log.h"

namespace kiln::workers {

Hosts AccountHosts::of(const std::string& account_id) const {
  {
    const std::lock_guard lock(mutex_);
    const auto known = subdomains_.find(account_id);
    if (known != subdomains_.end()) return {known->second, domain_, port_.load()};
  }
  const Result<model::Account> account = accounts_.account(account_id);
  if (!account) {
    log::error("the subdomain of account {}: {}", account_id, account.error().message);
    return {std::string(), domain_, port_.load()};
  }
  if (served()) {
    const std::lock_guard lock(mutex_);
    subdomains_[account_id] = account->subdomain;
  }
  return {account->subdomain, domain_, port_.load()};
}

}  // namespace kiln::workers
