// The R2 bindings of deployed Workers: a server on a unix socket that workerd asks, over the objects that are
// kept. It speaks the protocol of workerd's R2 binding: GET with what is asked for in a header, PUT with it
// in front of the body. Each request shows which space it is about (service_key.h). Objects pass through in
// pieces: none is ever in memory whole.
//
// Owned by app. start() spawns its threads; stop() ends them. Public methods: any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/r2_objects.h"

namespace kiln::serving {

struct R2Options {
  std::size_t connections = 1024;
  std::size_t bodies = std::size_t{256} << 20U;  // bytes on their way in, of all Workers together
  std::string secret;                            // of the keys that requests show
};

class R2Server {
 public:
  // The objects outlive it.
  R2Server(store::R2Objects& objects, const R2Options& options);
  ~R2Server();
  R2Server(const R2Server&) = delete;
  R2Server& operator=(const R2Server&) = delete;

  // Mode 0600.
  [[nodiscard]] Status listen(const std::string& path);
  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
