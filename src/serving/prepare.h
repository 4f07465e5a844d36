// From a stored version to what its process needs on disk and in memory. Blocks on the store and the disk;
// any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/ids.h"
#include "serving/run_folder.h"
#include "store/version_store.h"
#include "workers/blob_store.h"

namespace kiln::serving {

// A folder of the host that the process may write, and that no second one may have meanwhile.
struct OwnFolder {
  std::filesystem::path path{};  // empty: it has none
  std::filesystem::path lock_file{};
  Fd lock{};  // on it; the process holds it as well, until it is gone. Between two processes: none
  std::uint64_t largest_file = 0;  // in bytes; a process that writes more is ended
};

// Locks the file, which is made when it is missing, for whoever holds the descriptor, be it this process or a
// child. Errors: Errc::conflict when somebody has it.
[[nodiscard]] Result<Fd> try_to_lock(const std::filesystem::path& file);

struct Prepared {
  RunFolder files;
  std::string config{};  // holds secrets
  bool calls_services = false;
  bool calls_kv = false;
  bool calls_d1 = false;
  bool calls_r2 = false;
  bool calls_queues = false;
  std::vector<std::string> entrypoints{};  // see WorkerdConfig
  bool events = false;                     // it takes events that are no requests
  std::string worker_tag{};
  std::string account_id{};
  std::string worker_name{};
  int hang_ms = 0;  // it may take nothing in for so long
  OwnFolder own{};
};

// From an id to what its process needs; `folder` is made for it. On a thread that may block. Errors:
// Errc::version_not_found or not_found; others say what cannot be read or written.
using Preparer = std::function<Result<Prepared>(const Uuid& id, const std::filesystem::path& folder)>;

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
