#include "workers/account_hosts.h"

#include "base/log.h"

namespace kiln::workers {

Hosts AccountHosts::of(const std::string& account_id) const {
  const Result<model::Account> account = accounts_.account(account_id);
  if (!account) log::error("the subdomain of account {}: {}", account_id, account.error().message);
  return {account ? account->subdomain : std::string(), domain_, port_.load()};
}

}  // namespace kiln::workers
