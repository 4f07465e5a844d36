#include "app/workers_site.h"

#include <algorithm>

#include "app/room_options.h"

namespace kiln::app {
namespace {

serving::FrontOptions front_options(const settings::Config& config, const std::string& secret,
                                    Entropy& entropy) {
  serving::FrontOptions options;
  options.places = places_of(config);
  options.version_header = config.version_header;
  options.connect_timeout_ms = config.connect_timeout_seconds * 1000;
  options.response_timeout_ms = config.response_timeout_seconds * 1000;
  options.service_secret = secret;
  options.trusted_proxies = config.trusted_proxies;
  for (const char byte : entropy.bytes(sizeof options.seed)) {
    options.seed = options.seed << 8U | static_cast<unsigned char>(byte);
  }
  return options;
}

}  // namespace

Result<Site> start_site(store::RouteResolver& routes, const store::Changes& changes,
                        serving::Runtimes& runtimes, const Kept& kept, const Clock& clock, Entropy& entropy,
                        const settings::Config& config, const SiteOptions& options) {
  Site site;
  serving::CacheOptions cached;
  cached.bytes = config.worker_cache;
  cached.connections = options.shares.calls;
  cached.secret = options.calls_secret;
  site.cache = std::make_unique<serving::Cache>(clock, cached);
  if (Status cache = site.cache->listen(options.cache.string()); !cache)
    return tl::unexpected<Error>(cache.error());
  serving::KvOptions values;
  values.connections = options.shares.calls;
  values.secret = options.calls_secret;
  site.kv = std::make_unique<serving::KvServer>(kept.kv, clock, values);
  if (Status listening = site.kv->listen(options.kv.string()); !listening)
    return tl::unexpected<Error>(listening.error());
  serving::R2Options objects;
  objects.connections = options.shares.calls;
  objects.secret = options.calls_secret;
  site.r2 = std::make_unique<serving::R2Server>(kept.r2, objects);
  if (Status listening = site.r2->listen(options.r2.string()); !listening)
    return tl::unexpected<Error>(listening.error());
  serving::QueueOptions queues;
  queues.connections = options.shares.calls;
  queues.secret = options.calls_secret;
  queues.sent = options.sent;
  site.queues = std::make_unique<serving::QueueServer>(kept.queues, kept.messages, entropy, queues);
  if (Status listening = site.queues->listen(options.queues.string()); !listening)
    return tl::unexpected<Error>(listening.error());
  serving::FrontOptions settings = front_options(config, options.calls_secret, entropy);
  settings.tails = options.tails;
  settings.answered = options.answered;
  settings.connections = options.shares.visitors;
  settings.calls = options.shares.calls;
  serving::RelayOptions between;
  between.connect_timeout_ms = settings.connect_timeout_ms;
  between.seed = settings.seed ^ 1U;
  between.max_sessions = std::min(between.max_sessions, static_cast<int>(options.shares.calls));
  site.relay = std::make_unique<serving::Relay>(routes, changes, runtimes, between);
  settings.rpc = site.relay.get();
  site.front = std::make_unique<serving::Front>(routes, changes, runtimes, settings);
  const Result<std::uint16_t> port = site.front->listen_tcp(options.host, options.port);
  if (!port) return context(port.error(), "where Workers answer (--workers-listen)");
  site.port = *port;
  if (Status calls = site.front->listen_services(options.calls.string()); !calls) {
    return tl::unexpected<Error>(calls.error());
  }
  site.cache->start();
  site.kv->start();
  site.r2->start();
  site.queues->start();
  site.relay->start();
  site.front->start();
  return site;
}

}  // namespace kiln::app
