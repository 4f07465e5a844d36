// Keeps the store of build caches honest beside the builds: drops what nobody read for long, and what was
// purged at the server, which is asked once a minute for as long as anything is kept. Owned by the runner's
// service.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "runner/cache/archive_store.h"
#include "runner/server/server_client.h"

namespace kiln::runner {

class CacheKeeper {
 public:
  CacheKeeper(ArchiveStore& store, ServerClients& clients) : store_(store), clients_(clients) {}
  ~CacheKeeper() { stop(); }
  CacheKeeper(const CacheKeeper&) = delete;
  CacheKeeper& operator=(const CacheKeeper&) = delete;

  void start();
  void stop();

  // One round; for the thread, and for tests.
  static void look(ArchiveStore& store, ServerClient& client);

 private:
  void work();

  ArchiveStore& store_;
  ServerClients& clients_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace kiln::runner
