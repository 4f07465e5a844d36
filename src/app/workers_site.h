// The front of deployed Workers, set up as the settings say. Functions: the thread that starts the service.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/admission.h"
#include "base/entropy.h"
#include "base/result.h"
#include "serving/cache/cache.h"
#include "serving/front/front.h"
#include "serving/kv/kv_server.h"
#include "serving/queues/queue_server.h"
#include "serving/r2/r2_server.h"
#include "serving/rpc/relay.h"
#include "settings/config.h"

namespace kiln::app {

struct SiteOptions {
  std::string host;
  std::uint16_t port = 0;        // 0: a free one
  std::filesystem::path calls;   // the socket where Workers call each other
  std::filesystem::path cache;   // the socket of their cache
  std::filesystem::path kv;      // and of their KV bindings
  std::filesystem::path r2;      // and of their R2 bindings
  std::filesystem::path queues;  // and of their queue bindings
  std::string calls_secret;      // of the keys that such calls show
  workers::Tails* tails = nullptr;
  ConnectionShares shares;
  // serving::FrontOptions::answered
  std::function<void(const store::Route& route, int status, bool by_worker)> answered = {};
  // serving::QueueOptions::sent
  std::function<void(const std::string& queue_id)> sent = {};
};

// What Workers keep behind their bindings. Outlives the site.
struct Kept {
  store::KvValues& kv;
  store::R2Objects& r2;
  store::QueueStore& queues;
  store::MessageStore& messages;
};

struct Site {
  std::unique_ptr<serving::Cache> cache;  // all of them are started
  std::unique_ptr<serving::KvServer> kv;
  std::unique_ptr<serving::R2Server> r2;
  std::unique_ptr<serving::QueueServer> queues;
  std::unique_ptr<serving::Relay> relay;
  std::unique_ptr<serving::Front> front;  // passes connections to the relay
  std::uint16_t port = 0;

  // The relay first: what it holds is given back on the front's thread.
  void stop() const {
    if (relay) relay->stop();
    if (front) front->stop();
    if (cache) cache->stop();
    if (kv) kv->stop();
    if (r2) r2->stop();
    if (queues) queues->stop();
  }
};

// What is passed by reference outlives the front. Errors: Errc::io (the port is in use, not ours to bind),
// Errc::invalid (no such address).
[[nodiscard]] Result<Site> start_site(store::RouteResolver& routes, const store::Changes& changes,
                                      serving::Runtimes& runtimes, const Kept& kept, const Clock& clock,
                                      Entropy& entropy, const settings::Config& config,
                                      const SiteOptions& options);

}  // namespace kiln::app
