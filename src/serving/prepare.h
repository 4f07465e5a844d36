// From a stored version to what its process needs on disk and in memory. Blocks on the store and the disk;
// any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "serving/run_folder.h"
#include "store/version_store.h"
#include "workers/blob_store.h"

namespace kiln::serving {

struct Prepared {
  RunFolder files;
  std::string config;  // holds secrets
  bool calls_services = false;
  std::vector<std::string> entrypoints;  // see WorkerdConfig
  bool cron = false;                     // it takes cron events
  std::string worker_tag;
  int hang_ms = 0;  // it may take nothing in for so long
};

struct PrepareOptions {
  std::string services_secret;
  bool cache = false;                              // there is a Cache that they may ask
  std::vector<std::string> outbound = {"public"};  // see Surroundings
  int hang_ms = 30'000;                            // of versions whose limits name no cpu_ms
  std::function<std::string(const std::string& asked)> run_date = {};  // as of the engine
};

// `folder` is made for it. Errors: Errc::version_not_found; others say what cannot be read or written.
[[nodiscard]] Result<Prepared> prepare(store::VersionStore& versions, const workers::BlobStore& blobs,
                                       const Uuid& version, const PrepareOptions& options,
                                       const std::filesystem::path& folder);

}  // namespace kiln::serving
