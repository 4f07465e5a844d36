#include "workers/references.h"

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <vector>

#include "workers/bindings.h"
#include "workers/settings.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

// The field of a binding of that type; empty for every other binding.
std::string field_of(const json::object& binding, std::string_view type, std::string_view field) {
  const json::value* is = binding.if_contains("type");
  const json::value* value = binding.if_contains(field);
  if (is == nullptr || !is->is_string() || is->get_string() != type) return {};
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

// The Worker that a service binding names.
std::string service_of(const json::object& binding) {
  return field_of(binding, "service", "service");
}

Status check_namespace(Ports& ports, const std::string& account_id, const json::object& binding) {
  const std::string id = field_of(binding, "kv_namespace", "namespace_id");
  if (id.empty()) return {};
  const Result<model::KvNamespace> there = ports.kv_namespaces.find(account_id, id);
  if (there) return {};
  if (there.error().code != Errc::kv_namespace_not_found) return tl::unexpected<Error>(there.error());
  return fail(
      Errc::binding_unsupported,
      "The binding '" + std::string(binding.at("name").get_string()) + "' names the KV namespace " + id +
          ", which this account of Kiln does not have. Leave `id` out of `kv_namespaces` in the "
          "wrangler configuration, and one is made at the first deploy; or make one with `wrangler kv "
          "namespace create` and name that.",
      "bindings");
}

Status check_database(Ports& ports, const std::string& account_id, const json::object& binding) {
  const std::string id = field_of(binding, "d1", "id");
  if (id.empty()) return {};
  const Result<model::D1Database> there = ports.d1_databases.find(account_id, id);
  if (there && there->id.str() == id) return {};
  if (!there && there.error().code != Errc::not_found) return tl::unexpected<Error>(there.error());
  return fail(
      Errc::binding_unsupported,
      "The binding '" + std::string(binding.at("name").get_string()) + "' names the D1 database " + id +
          ", which this account of Kiln does not have. Leave `database_id` out of `d1_databases` in the "
          "wrangler configuration, and one is made at the first deploy; or make one with `wrangler d1 "
          "create` "
          "and name that.",
      "bindings");
}

Status check_bucket(Ports& ports, const std::string& account_id, const json::object& binding) {
  const std::string bucket = field_of(binding, "r2_bucket", "bucket_name");
  if (bucket.empty()) return {};
  const std::string name(binding.at("name").get_string());
  if (const std::string where = field_of(binding, "r2_bucket", "jurisdiction"); !where.empty())
    return fail(Errc::binding_unsupported,
                "The binding '" + name + "' names the jurisdiction '" + where +
                    "': this Kiln's buckets are all where it is. Take `jurisdiction` out of `r2_buckets` in "
                    "the wrangler configuration.",
                "bindings");
  const Result<model::R2Bucket> there = ports.r2_buckets.find(account_id, bucket);
  if (there) return {};
  if (there.error().code != Errc::not_found) return tl::unexpected<Error>(there.error());
  return fail(Errc::binding_unsupported,
              "The binding '" + name + "' names the R2 bucket " + bucket +
                  ", which this account of Kiln does not have. Make it with `wrangler r2 bucket create " +
                  bucket +
                  "`; or leave `bucket_name` out of `r2_buckets` in the wrangler configuration, and one is "
                  "made at the first deploy.",
              "bindings");
}

Status check_queue(Ports& ports, const std::string& account_id, const json::object& binding) {
  const std::string queue = field_of(binding, "queue", "queue_name");
  if (queue.empty()) return {};
  const Result<std::string> there = ports.queues.id_of(account_id, queue);
  if (there) return {};
  if (there.error().code != Errc::not_found) return tl::unexpected<Error>(there.error());
  return fail(Errc::binding_unsupported,
              "The binding '" + std::string(binding.at("name").get_string()) + "' names the queue " + queue +
                  ", which this account of Kiln does not have. Make it with `wrangler queues create " +
                  queue +
                  "`; or leave `queue` out of `queues.producers` in the wrangler configuration, and one is "
                  "made at the first deploy.",
              "bindings");
}

// Names of the Workers that the live versions are bound to.
Result<std::set<std::string>> services_of(Ports& ports, const std::string& worker_tag) {
  std::set<std::string> services;
  const Result<store::Paged<model::Deployment>> live = ports.versions.deployments(worker_tag, {1, 1});
  if (!live) return tl::unexpected<Error>(live.error());
  if (live->items.empty()) return services;
  for (const model::DeploymentTarget& target : live->items[0].versions) {
    const Result<model::Version> version = ports.versions.version(worker_tag, target.version_id);
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

// Of [{"service":"name"}], behind what is there. False: it is no such list.
bool names_of_services(const json::value& list, std::vector<std::string>& into) {
  if (!list.is_array()) return false;
  for (const json::value& item : list.get_array()) {
    const json::object* consumer = item.if_object();
    const json::value* service = consumer == nullptr ? nullptr : consumer->if_contains("service");
    if (service == nullptr || !service->is_string()) return false;
    into.emplace_back(service->get_string());
  }
  return true;
}

}  // namespace

Status check_targets(Ports& ports, const std::string& account_id, const std::string& own_name,
                     const json::array& bindings) {
  for (const json::value& item : bindings) {
    if (Status space = check_namespace(ports, account_id, item.get_object()); !space) return space;
    if (Status database = check_database(ports, account_id, item.get_object()); !database) return database;
    if (Status bucket = check_bucket(ports, account_id, item.get_object()); !bucket) return bucket;
    if (Status queue = check_queue(ports, account_id, item.get_object()); !queue) return queue;
    const std::string service = service_of(item.get_object());
    if (service.empty() || service == own_name) continue;
    const Result<model::Worker> there = ports.workers.worker(account_id, service);
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

Result<std::map<std::string, References>> references_among(Ports& ports,
                                                           const std::vector<model::Worker>& workers) {
  std::map<std::string, References> all;
  std::map<std::string, std::string> tags;  // by name
  for (const model::Worker& worker : workers) {
    all[worker.tag];
    tags[worker.name] = worker.tag;
  }
  for (const model::Worker& worker : workers) {
    const Result<std::set<std::string>> services = services_of(ports, worker.tag);
    if (!services) return tl::unexpected<Error>(services.error());
    all[worker.tag].outgoing.assign(services->begin(), services->end());
    for (const std::string& service : *services) {
      const auto bound = tags.find(service);
      if (bound != tags.end() && bound->second != worker.tag)
        all[bound->second].incoming.push_back(worker.name);
    }
  }
  return all;
}

Result<References> references_of(Ports& ports, const model::Worker& worker) {
  const Result<std::vector<model::Worker>> workers = ports.workers.workers(worker.account_id);
  if (!workers) return tl::unexpected<Error>(workers.error());
  Result<std::map<std::string, References>> all = references_among(ports, *workers);
  if (!all) return tl::unexpected<Error>(all.error());
  return std::move((*all)[worker.tag]);
}

Status check_tail_consumers(Ports& ports, const std::string& account_id, const std::string& own_name,
                            const json::value& list) {
  std::vector<std::string> to_see;
  if (!list.is_null() && !names_of_services(list, to_see))
    return fail(Errc::invalid, R"(tail_consumers must be a list of {"service":"…"}.)", "tail_consumers");
  std::set<std::string> seen;
  while (!to_see.empty()) {
    const std::string name = to_see.back();
    to_see.pop_back();
    if (name == own_name) {
      return fail(Errc::binding_unsupported,
                  "The tail consumers of the Worker '" + own_name +
                      "' lead back to itself: each request would be told for ever. Take one of them out.",
                  "tail_consumers");
    }
    if (!seen.insert(name).second) continue;
    const Result<model::Worker> there = ports.workers.worker(account_id, name);
    if (!there && there.error().code != Errc::worker_not_found) return tl::unexpected<Error>(there.error());
    if (!there) {
      return fail(Errc::binding_unsupported,
                  "The tail consumer '" + name +
                      "' is a Worker that this Kiln does not have. Deploy that Worker first, or remove it.",
                  "tail_consumers");
    }
    const json::object settings = settings_of(*there);
    if (const json::value* more = settings.if_contains("tail_consumers"))
      (void)names_of_services(*more, to_see);
  }
  return {};
}

}  // namespace kiln::workers
