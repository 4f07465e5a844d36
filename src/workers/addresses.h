// Where the versions of a build answer, in the order a person wants to read them. Pure: any thread.
#pragma once

#include <string>
#include <vector>

#include "store/version_store.h"
#include "workers/hosts.h"

namespace kiln::workers {

struct Addresses {
  // Of Workers whose live deployment has one of the versions: their own, then their routes and custom
  // domains.
  std::vector<std::string> production;
  std::vector<std::string> versions;  // each version's own, the last uploaded first
  std::vector<std::string> aliases;
};

// `uploads` are those of one account, whose hosts these are. Hosts that a Worker's settings have switched off
// are left out.
[[nodiscard]] Addresses addresses_of(const std::vector<store::BuildUpload>& uploads, const Hosts& hosts);

}  // namespace kiln::workers
