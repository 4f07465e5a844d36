#include "app/served_workers.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "workers/addresses.h"
#include "workers/host_routes.h"
#include "workers/names.h"

namespace kiln::app {
namespace {

constexpr std::size_t kMostShown = 50;

void add_urls(wire::UploadsAnswer& answer, wire::AddressKind kind, const std::vector<std::string>& urls) {
  for (const std::string& url : urls) answer.addresses.push_back({kind, url});
}

}  // namespace

Result<wire::UploadsAnswer> served_uploads(const ServedWorkers& served, const Uuid& build) {
  wire::UploadsAnswer answer;
  const workers::AccountHosts& hosts = served.ports.hosts;
  if (!hosts.served()) return answer;
  const Result<std::vector<store::BuildUpload>> uploads = served.ports.versions.uploads_of(build);
  if (!uploads) return tl::unexpected<Error>(uploads.error());
  if (uploads->empty()) return answer;
  const workers::Addresses found = workers::addresses_of(*uploads, hosts.of(uploads->front().account_id));
  add_urls(answer, wire::AddressKind::production, found.production);
  add_urls(answer, wire::AddressKind::version, found.versions);
  add_urls(answer, wire::AddressKind::alias, found.aliases);
  for (const store::BuildUpload& upload : *uploads) {
    const std::string& asked = upload.compatibility_date;
    std::string note = workers::date_note(asked, served.dates.run_date(asked));
    if (!note.empty() && std::find(answer.notes.begin(), answer.notes.end(), note) == answer.notes.end())
      answer.notes.push_back(std::move(note));
  }
  return answer;
}

Status check_routes(const ServedWorkers& served, const Uuid& build,
                    const std::vector<wire::RouteAsked>& asked) {
  if (!served.ports.hosts.served()) return {};
  const Result<model::Worker> worker = served.ports.workers.worker_of_build(build);
  if (!worker) return tl::unexpected<Error>(worker.error());
  std::vector<workers::RouteWish> wishes;
  for (const wire::RouteAsked& route : asked) {
    const auto kind = route.custom_domain ? model::HostRoute::Kind::domain : model::HostRoute::Kind::route;
    wishes.push_back({kind, route.pattern, true});
  }
  return workers::check_host_routes(served.ports, *worker, wishes);
}

void tell_domains(const ServedWorkers& served, boost::json::object& status) {
  boost::json::array& zones = status["workers_zones"].emplace_array();
  for (const model::Zone& zone : served.ports.zones) zones.emplace_back(zone.name + "@" + zone.subdomain);
  const Result<std::vector<model::HostRoute>> routes = served.routes.host_routes();
  if (!routes || routes->empty()) return;
  boost::json::array& words = status["workers_routes"].emplace_array();
  for (std::size_t i = 0; i < routes->size() && i < kMostShown; ++i) {
    const model::HostRoute& route = (*routes)[i];
    const std::string& worker = route.worker_name;
    words.emplace_back(route.pattern + ": " + (worker.empty() ? "no Worker" : worker) +
                       (route.enabled ? "" : " (switched off)"));
  }
}

}  // namespace kiln::app
