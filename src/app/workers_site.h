// What makes deployed Workers answer: their processes, and the front before them. Owned by the service; all
// methods belong to the thread that made it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "app/config.h"
#include "base/entropy.h"
#include "base/result.h"
#include "store/changes.h"
#include "store/route_store.h"
#include "store/worker_store.h"
#include "workers/blob_store.h"

namespace kiln::app {

struct SiteOptions {
  std::string host;
  std::uint16_t port = 0;         // 0: a free one
  std::filesystem::path folder;   // for sockets and files of processes; the site's alone, mode 0700
  std::filesystem::path workerd;  // the program
};

class WorkersSite {
 public:
  // Everything passed by reference outlives it. Errors: Errc::io (the port is in use, not ours to bind),
  // Errc::invalid (no such address).
  [[nodiscard]] static Result<std::unique_ptr<WorkersSite>> start(
      store::WorkerStore& workers, store::RouteStore& routes, const store::Changes& changes,
      const workers::BlobStore& blobs, Entropy& entropy, const Config& config, const SiteOptions& options);
  ~WorkersSite();

  [[nodiscard]] std::uint16_t port() const;
  // Closes every connection and ends every process. Idempotent.
  void stop();

 private:
  struct Impl;
  explicit WorkersSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::app
