#include "workers/addresses.h"

#include <algorithm>

namespace kiln::workers {
namespace {

void add_new(std::vector<std::string>& list, std::string url) {
  if (std::find(list.begin(), list.end(), url) == list.end()) list.push_back(std::move(url));
}

}  // namespace

Addresses addresses_of(const std::vector<store::BuildUpload>& uploads, const Hosts& hosts) {
  Addresses found;
  for (auto upload = uploads.rbegin(); upload != uploads.rend(); ++upload) {
    if (upload->percentage > 0 && upload->subdomain_enabled)
      add_new(found.production, hosts.worker_url(upload->worker_name));
    if (!upload->previews_enabled) continue;
    add_new(found.versions, hosts.preview_url(version_label(upload->version_id), upload->worker_name));
    for (const std::string& alias : upload->aliases)
      add_new(found.aliases, hosts.preview_url(alias, upload->worker_name));
  }
  return found;
}

}  // namespace kiln::workers
