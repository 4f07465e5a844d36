#include "workers/account_hosts.h"

#include <algorithm>
#include <cstddef>

#include "base/log.h"
#include "model/host_route.h"

namespace kiln::workers {

Hosts AccountHosts::at(std::string subdomain) const {
  if (proxy_) return {std::move(subdomain), proxy_->host, proxy_->port, proxy_->scheme};
  return {std::move(subdomain), domain_, port_.load()};
}

bool AccountHosts::is_own(std::string_view host) const {
  const auto below = [host](std::string_view domain) {
    return model::is_within(host, domain) && host.size() > domain.size() &&
           std::count(host.begin(), host.end() - static_cast<std::ptrdiff_t>(domain.size() + 1), '.') == 1;
  };
  return below(domain_) || (proxy_ && (host == proxy_->host || below(proxy_->host)));
}

Hosts AccountHosts::of(const std::string& account_id) const {
  {
    const std::lock_guard lock(mutex_);
    const auto known = subdomains_.find(account_id);
    if (known != subdomains_.end()) return at(known->second);
  }
  const Result<model::Account> account = accounts_.account(account_id);
  if (!account) {
    log::error("the subdomain of account {}: {}", account_id, account.error().message);
    return at({});
  }
  if (served()) {
    const std::lock_guard lock(mutex_);
    subdomains_[account_id] = account->subdomain;
  }
  return at(account->subdomain);
}

}  // namespace kiln::workers
