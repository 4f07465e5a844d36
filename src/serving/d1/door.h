// Where the D1 bindings of Workers, and Kiln's own API, reach the processes of databases: a server on a unix
// socket. What opens a connection shows a pass (service_key.h) to one space; from then on the connection
// leads to that space's process and nowhere else, and its bytes are passed on as they are: requests, or Cap'n
// Proto RPC after a CONNECT. The process is started when needed, and kept while a connection to it lives; one
// that says nothing for long is closed.
//
// Owned by app. start() spawns the one thread that does all of it; stop() ends it and every connection.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "serving/d1/databases.h"

namespace kiln::serving {

struct D1DoorOptions {
  std::string secret;  // of passes
  std::size_t connections = 1024;
  int head_timeout_ms = 10'000;
  int start_timeout_ms = 30'000;  // until the process takes connections
  int idle_ms = 300'000;
};

class D1Door {
 public:
  // The databases outlive it.
  D1Door(D1Databases& databases, D1DoorOptions options);
  ~D1Door();
  D1Door(const D1Door&) = delete;
  D1Door& operator=(const D1Door&) = delete;

  // Mode 0600.
  [[nodiscard]] Status listen(const std::string& path);
  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
