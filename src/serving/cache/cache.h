// The Cache API of deployed Workers (caches.default, caches.open): a server on a unix socket that workerd
// asks, with what it keeps in memory. Each request shows whose cache it is about (service_key.h). Nothing
// outlives the server: a cache may forget.
//
// Owned by app. start() spawns its one thread; stop() ends it. Public methods: any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::serving {

struct CacheOptions {
  std::size_t bytes = std::size_t{256} << 20U;  // of all Workers together; one answer: an eighth of it
  std::size_t connections = 1024;
  std::string secret;  // of the keys that requests show
};

class Cache {
 public:
  // The clock outlives it.
  Cache(const Clock& clock, const CacheOptions& options);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Mode 0600. GET asks for an answer: 504 with CF-Cache-Status: MISS where there is none. PUT gives one, as
  // its body. PURGE forgets one: 404 where there was none. The URL is the key, with CF-Cache-Namespace where
  // the cache has a name.
  [[nodiscard]] Status listen(const std::string& path);

  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
