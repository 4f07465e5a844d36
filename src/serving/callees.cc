#include "serving/callees.h"

#include <fmt/format.h>

#include "model/message_queue.h"
#include "model/r2.h"
#include "model/space.h"
#include "serving/capnp_text.h"
#include "serving/runtimes.h"
#include "serving/service_key.h"

namespace kiln::serving {
namespace {

constexpr const char* kCacheService = "w-cache";

}  // namespace

std::string Callees::next(const char* kind) {
  return fmt::format("{}-{}", kind, count_++);
}

std::string Callees::worker(const std::string& name, const std::string& entrypoint) {
  std::string service = next("service");
  const Callee callee{around_.calls.account_id, name, entrypoint};
  out_.calls_services = true;
  text_ += fmt::format(
      "    (name = \"{}\", external = (address = \"unix:{}\", http = (cfBlobHeader = \"x-kiln-cf\", "
      "capnpConnectHost = {}, injectRequestHeaders = [\n"
      "      (name = \"x-kiln-service\", value = {}), (name = \"x-kiln-account\", value = {}),\n"
      "      (name = \"x-kiln-entrypoint\", value = {}), (name = \"x-kiln-secret\", value = {})]))),\n",
      service, kServicesInside, capnp_quote(connect_host(around_.calls.secret, callee)), capnp_quote(name),
      capnp_quote(around_.calls.account_id), capnp_quote(entrypoint),
      capnp_quote(service_key(around_.calls.secret, callee)));
  return service;
}

// A side server's: the space in one field, its key in another.
std::string Callees::side(const char* kind, const char* socket, const std::string& space,
                          const std::string& key) {
  std::string service = next(kind);
  text_ += fmt::format(
      "    (name = \"{}\", external = (address = \"unix:{}\", http = (injectRequestHeaders = [\n"
      "      (name = \"x-kiln-{}\", value = {}), (name = \"x-kiln-secret\", value = {})]))),\n",
      service, socket, kind, capnp_quote(space), capnp_quote(key));
  return service;
}

std::string Callees::kv(const std::string& namespace_id) {
  const std::string space = model::space_name(namespace_id, around_.copy);
  out_.calls_kv = true;
  return side("kv", kKvInside, space, kv_key(around_.calls.secret, space));
}

std::string Callees::r2(const std::string& bucket_name) {
  const std::string bucket = model::r2_bucket_id(around_.calls.account_id, bucket_name);
  const std::string space = model::space_name(bucket, around_.copy);
  out_.calls_r2 = true;
  return side("r2", kR2Inside, space, r2_key(around_.calls.secret, space));
}

std::string Callees::queue(const std::string& name) {
  const std::string queue = model::sent_queue_name({around_.calls.account_id, name, around_.copy});
  out_.calls_queues = true;
  return side("queue", kQueuesInside, queue, queue_key(around_.calls.secret, queue));
}

// Statements come as requests or as calls that are no HTTP, as the version's flags have it.
std::string Callees::d1(const std::string& database) {
  std::string service = next("d1");
  const std::string pass = d1_pass(around_.calls.secret, model::space_name(database, around_.copy));
  out_.calls_d1 = true;
  text_ += fmt::format(
      "    (name = \"{}\", external = (address = \"unix:{}\", http = (capnpConnectHost = {}, "
      "injectRequestHeaders = [\n"
      "      (name = \"x-kiln-d1\", value = {})]))),\n",
      service, kD1Inside, capnp_quote(pass), capnp_quote(pass));
  return service;
}

std::string Callees::cache() {
  if (around_.cache_space.empty()) return {};
  text_ += fmt::format(
      "    (name = \"{}\", external = (address = \"unix:{}\", http = (forwardedProtoHeader = "
      "\"x-forwarded-proto\", injectRequestHeaders = [\n"
      "      (name = \"x-kiln-space\", value = {}), (name = \"x-kiln-secret\", value = {})]))),\n",
      kCacheService, kCacheInside, capnp_quote(around_.cache_space),
      capnp_quote(cache_key(around_.calls.secret, around_.cache_space)));
  return fmt::format(",\n      cacheApiOutbound = \"{}\"", kCacheService);
}

}  // namespace kiln::serving
