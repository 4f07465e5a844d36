// The KV bindings of deployed Workers: a server on a unix socket that workerd asks, over what is kept. It
// speaks the protocol of workerd's KV binding: GET, PUT and DELETE on /key, GET / for a page of keys,
// POST /bulk/get. Each request shows which space it is about (service_key.h).
//
// Owned by app. start() spawns its threads, one of which takes away what has expired; stop() ends them.
// Public methods: any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/kv_values.h"

namespace kiln::serving {

struct KvOptions {
  std::size_t connections = 1024;
  std::size_t bodies = std::size_t{256} << 20U;  // bytes of values on their way in, of all Workers together
  int sweep_ms = 60'000;
  std::string secret;  // of the keys that requests show
};

class KvServer {
 public:
  // What is passed by reference outlives it.
  KvServer(store::KvValues& values, const Clock& clock, const KvOptions& options);
  ~KvServer();
  KvServer(const KvServer&) = delete;
  KvServer& operator=(const KvServer&) = delete;

  // Mode 0600.
  [[nodiscard]] Status listen(const std::string& path);
  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
