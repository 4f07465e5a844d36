// From a version to the configuration that makes workerd serve it: one service for its script, one for its
// static assets, one for each other Worker it calls. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/worker.h"

namespace kiln::serving {

// Names inside a process's sandbox. Module n of the version is the file kPartsInside/<n>.
inline constexpr const char* kConfigInside = "/w/config.capnp";
inline constexpr const char* kPartsInside = "/w/parts";
inline constexpr const char* kAssetsInside = "/w/assets";
inline constexpr const char* kServicesInside = "/w/services.sock";
inline constexpr const char* kCacheInside = "/w/cache.sock";
inline constexpr const char* kKvInside = "/w/kv.sock";
inline constexpr const char* kD1Inside = "/w/d1.sock";
inline constexpr const char* kR2Inside = "/w/r2.sock";
inline constexpr const char* kQueuesInside = "/w/queues.sock";
inline constexpr const char* kOwnFolderInside = "/w/own";  // of a process that has one
// The socket that the process takes requests on: given to it open, by this name.
inline constexpr const char* kSocketName = "http";
// The socket that takes events which are no requests of visitors. On kCronPath {"cron": "* * * * *",
// "scheduledTime": ms} is answered with {"outcome": "ok", "noRetry": false}; on kBatchPath a batch of a queue
// (queues/batch_frame.h).
inline constexpr const char* kEventsSocketName = "events";
inline constexpr const char* kCronPath = "/cron";
inline constexpr const char* kBatchPath = "/batch";
// The socket of entrypoint n.
[[nodiscard]] std::string entrypoint_socket(std::size_t n);
// Before runtime messages of the script's own service.
inline constexpr const char* kScriptService = "w-user";

// How a Worker calls another one: over the front's socket, showing that Kiln itself wired the call
// (service_key.h).
struct ServiceCalls {
  std::string account_id;
  std::string secret;
};

// How the process writes what the script prints: as it is, or one JSON object a line with level and time.
enum class LogForm : std::uint8_t { plain, structured };

// What stands around a version's process.
struct Surroundings {
  ServiceCalls calls{};
  LogForm log = LogForm::plain;
  // Where fetch() and connect() may lead: "public", "private", "local", or ranges such as "10.1.0.0/16".
  std::vector<std::string> outbound = {"public"};
  // Workers of the account that are told of every request's end.
  std::vector<std::string> tail_consumers{};
  // It may handle events that are no requests: they come to a socket of their own.
  bool events = false;
  // The compatibility date that it runs with; empty: the one that the version asks for.
  std::string run_date{};
  // Whose cache its Cache API is (cache/cache.h); empty: it has none.
  std::string cache_space{};
  // A version that may never be live has copies of its namespaces and databases of its own, by this name, and
  // sends to no queue; empty: it has them themselves.
  std::string copy{};
};

struct WorkerdConfig {
  std::string text;                // holds secrets
  std::vector<std::size_t> parts;  // the modules of the version that it embeds
  bool has_assets = false;
  bool calls_services = false;
  bool calls_kv = false;
  bool calls_d1 = false;
  bool calls_r2 = false;
  bool calls_queues = false;
  // That other Workers may call, each on a socket of its own: the default first, as an empty name.
  std::vector<std::string> entrypoints;
};

// `secrets` of the version by binding name. Errors: Errc::corrupt when stored JSON does not parse or a secret
// is missing; Errc::script_invalid when a binding names a part that is not there.
[[nodiscard]] Result<WorkerdConfig> workerd_config(const model::Version& version,
                                                   const std::map<std::string, std::string>& secrets,
                                                   const Surroundings& around = {});

}  // namespace kiln::serving
