#include "workers/addresses.h"

#include <algorithm>

namespace kiln::workers {
namespace {

void add_new(std::vector<std::string>& list, std::string url) {
  if (std::find(list.begin(), list.end(), url) == list.end()) list.push_back(std::move(url));
}

// Where a route or custom domain begins; of a pattern with a star for its host there is no such place.
std::string first_url(const model::HostRoute& route, const Hosts& hosts) {
  if (route.kind == model::HostRoute::Kind::domain) return route.enabled ? hosts.url_of(route.pattern) : "";
  const Result<model::RoutePattern> pattern = model::RoutePattern::parse(route.pattern);
  if (!pattern || pattern->hosts != model::RoutePattern::Hosts::one) return {};
  return hosts.url_of(pattern->host) + (pattern->path == "/" ? "" : pattern->path);
}

}  // namespace

Addresses addresses_of(const std::vector<store::BuildUpload>& uploads, const Hosts& hosts) {
  Addresses found;
  for (auto upload = uploads.rbegin(); upload != uploads.rend(); ++upload) {
    if (upload->percentage > 0 && upload->subdomain_enabled)
      add_new(found.production, hosts.worker_url(upload->worker_name));
    if (upload->percentage > 0) {
      for (const model::HostRoute& route : upload->routes) {
        if (std::string url = first_url(route, hosts); !url.empty())
          add_new(found.production, std::move(url));
      }
    }
    if (!upload->previews_enabled) continue;
    add_new(found.versions, hosts.preview_url(version_label(upload->version_id), upload->worker_name));
    for (const std::string& alias : upload->aliases)
      add_new(found.aliases, hosts.preview_url(alias, upload->worker_name));
  }
  return found;
}

}  // namespace kiln::workers
