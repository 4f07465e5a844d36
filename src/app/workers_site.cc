#include "app/workers_site.h"

#include <utility>

#include "base/fs.h"
#include "base/log.h"
#include "serving/engine.h"
#include "serving/front/front.h"
#include "serving/workerd_runtimes.h"

namespace kiln::app {
namespace {

serving::FrontOptions front_options(const Config& config, const std::string& secret, Entropy& entropy) {
  serving::FrontOptions options;
  options.domain = config.workers_domain;
  options.version_header = config.version_header;
  options.connect_timeout_ms = config.connect_timeout_seconds * 1000;
  options.response_timeout_ms = config.response_timeout_seconds * 1000;
  options.service_secret = secret;
  for (const char byte : entropy.bytes(sizeof options.seed)) {
    options.seed = options.seed << 8U | static_cast<unsigned char>(byte);
  }
  return options;
}

serving::RuntimeOptions runtime_options(const SiteOptions& options, const std::filesystem::path& calls,
                                        const std::string& secret) {
  serving::RuntimeOptions made;
  made.engine.workerd = options.workerd;
  made.folder = options.folder / "processes";
  made.services_socket = calls;
  made.services_secret = secret;
  return made;
}

}  // namespace

struct WorkersSite::Impl {
  Impl(store::WorkerStore& workers, store::RouteStore& routes, const store::Changes& changes,
       const workers::BlobStore& blobs, Entropy& entropy, const Config& config, const SiteOptions& options)
      : calls(options.folder / "calls.sock"),
        secret(entropy.hex32()),
        runtimes(workers, blobs, runtime_options(options, calls, secret), serving::log_sink()),
        front(routes, changes, runtimes, front_options(config, secret, entropy)) {}

  std::filesystem::path calls;
  std::string secret;
  serving::WorkerdRuntimes runtimes;
  serving::Front front;
  std::uint16_t port = 0;
};

WorkersSite::WorkersSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

WorkersSite::~WorkersSite() {
  stop();
}

Result<std::unique_ptr<WorkersSite>> WorkersSite::start(store::WorkerStore& workers,
                                                        store::RouteStore& routes,
                                                        const store::Changes& changes,
                                                        const workers::BlobStore& blobs, Entropy& entropy,
                                                        const Config& config, const SiteOptions& options) {
  for (const std::filesystem::path& folder : {options.folder, options.folder / "processes"}) {
    if (Status made = make_directory(folder, 0700); !made) return tl::unexpected<Error>(made.error());
  }
  auto impl = std::make_unique<Impl>(workers, routes, changes, blobs, entropy, config, options);
  const Result<std::uint16_t> port = impl->front.listen_tcp(options.host, options.port);
  if (!port) return context(port.error(), "where Workers answer (--workers-listen)");
  impl->port = *port;
  if (Status calls = impl->front.listen_services(impl->calls.string()); !calls) {
    return tl::unexpected<Error>(calls.error());
  }
  serving::Engine engine;
  engine.workerd = options.workerd;
  if (const Status fits = serving::check_engine(engine); !fits) {
    log::warn("Workers cannot run: {}", fits.error().message);
  }
  impl->runtimes.start();
  impl->front.start();
  return std::unique_ptr<WorkersSite>(new WorkersSite(std::move(impl)));
}

std::uint16_t WorkersSite::port() const {
  return impl_->port;
}

void WorkersSite::stop() {
  impl_->front.stop();
  impl_->runtimes.stop();
}

}  // namespace kiln::app
