#include "workers/references.h"

#include <boost/json/object.hpp>
#include <set>

#include "workers/bindings.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

// The Worker that a service binding names; empty for every other binding.
std::string service_of(const json::object& binding) {
  const json::value* type = binding.if_contains("type");
  const json::value* service = binding.if_contains("service");
  if (type == nullptr || !type->is_string() || type->get_string() != "service") return {};
  if (service == nullptr || !service->is_string()) return {};
  return std::string(service->get_string());
}

// Names of the Workers that the live versions are bound to.
Result<std::set<std::string>> services_of(Ports& ports, const std::string& worker_tag) {
  std::set<std::string> services;
  const Result<store::Paged<model::Deployment>> live = ports.store.deployments(worker_tag, {1, 1});
  if (!live) return tl::unexpected<Error>(live.error());
  if (live->items.empty()) return services;
  for (const model::DeploymentTarget& target : live->items[0].versions) {
    const Result<model::Version> version = ports.store.version(worker_tag, target.version_id);
    if (!version) return tl::unexpected<Error>(version.error());
    const Result<json::array> bindings = parse_stored(version->bindings_json);
    if (!bindings) return tl::unexpected<Error>(bindings.error());
    for (const json::value& binding : *bindings) {
      if (std::string service = service_of(binding.get_object()); !service.empty()) {
        services.insert(std::move(service));
      }
    }
  }
  return services;
}

}  // namespace

Status check_services(Ports& ports, const std::string& account_id, const std::string& own_name,
                      const json::array& bindings) {
  for (const json::value& item : bindings) {
    const std::string service = service_of(item.get_object());
    if (service.empty() || service == own_name) continue;
    const Result<model::Worker> there = ports.store.worker(account_id, service);
    if (there) continue;
    if (there.error().code != Errc::worker_not_found) return tl::unexpected<Error>(there.error());
    return fail(Errc::binding_unsupported,
                "The binding '" + std::string(item.at("name").get_string()) + "' names the Worker '" +
                    service +
                    "', which this Kiln does not have. Deploy that Worker first, or remove the binding.",
                "bindings");
  }
  return {};
}

Result<References> references_of(Ports& ports, const model::Worker& worker) {
  References references;
  const Result<std::vector<model::Worker>> workers = ports.store.workers(worker.account_id);
  if (!workers) return tl::unexpected<Error>(workers.error());
  for (const model::Worker& other : *workers) {
    const Result<std::set<std::string>> services = services_of(ports, other.tag);
    if (!services) return tl::unexpected<Error>(services.error());
    if (other.tag == worker.tag) {
      references.outgoing.assign(services->begin(), services->end());
    } else if (services->contains(worker.name)) {
      references.incoming.push_back(other.name);
    }
  }
  return references;
}

}  // namespace kiln::workers
