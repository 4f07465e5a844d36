// The queue bindings of deployed Workers: a server on a unix socket that workerd asks, over the store that
// pull consumers and events use. It speaks the protocol of workerd's queue binding: POST /message and /batch,
// GET /metrics. Each request shows which queue it is about (service_key.h); one of a version that may never
// be live is refused.
//
// Owned by app. start() spawns its threads; stop() ends them. Public methods: any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/entropy.h"
#include "base/result.h"
#include "store/message_store.h"
#include "store/queue_store.h"

namespace kiln::serving {

struct QueueOptions {
  std::size_t connections = 1024;
  std::size_t bodies = std::size_t{64} << 20U;  // bytes of messages on their way in, of all Workers together
  std::string secret;                           // of the keys that requests show
  // Called once messages are in a queue; quick. Empty: nobody is called with them.
  std::function<void(const std::string& queue_id)> sent = {};
};

class QueueServer {
 public:
  // What is passed by reference outlives it.
  QueueServer(store::QueueStore& queues, store::MessageStore& messages, Entropy& entropy,
              const QueueOptions& options);
  ~QueueServer();
  QueueServer(const QueueServer&) = delete;
  QueueServer& operator=(const QueueServer&) = delete;

  // Mode 0600.
  [[nodiscard]] Status listen(const std::string& path);
  void start();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
