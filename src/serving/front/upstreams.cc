#include "serving/front/upstreams.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

#include "base/fs.h"
#include "base/log.h"
#include "serving/front/process_socket.h"

namespace kiln::serving {
namespace {

constexpr std::size_t kMaxIdle = 256;  // of one version
constexpr std::chrono::seconds kIdleFor{15};
constexpr std::chrono::milliseconds kFullBacklog{2};

constexpr const char* kStopping = "Kiln is stopping. Try again when it runs.";

const std::string* socket_for(const Endpoint& endpoint, const std::string& entrypoint) {
  return entrypoint.empty() ? &endpoint.socket_path : entrypoint_path(endpoint, entrypoint);
}

// Still open, and nobody has said anything on it that would be taken for the next answer.
bool is_quiet(Socket& socket) {
  char byte = 0;
  return recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace

struct Upstreams::Door {
  std::mutex mutex;
  Upstreams* inside = nullptr;  // null once the front has stopped
};

Upstreams::Upstreams(asio::io_context& io, Runtimes& runtimes, std::chrono::milliseconds connect_timeout)
    : io_(io), runtimes_(runtimes), connect_timeout_(connect_timeout), door_(std::make_shared<Door>()) {
  door_->inside = this;
}

Upstreams::~Upstreams() {
  const std::lock_guard lock(door_->mutex);
  door_->inside = nullptr;
}

UpstreamPtr Upstreams::take_idle(const Uuid& version, const std::string& entrypoint) {
  const auto found = versions_.find(version);
  if (found == versions_.end()) return nullptr;
  if (found->second.endpoint && found->second.endpoint->is_outdated()) {
    versions_.erase(found);
    return nullptr;
  }
  std::vector<UpstreamPtr>& idle = found->second.idle;
  while (true) {
    const auto last = std::find_if(idle.rbegin(), idle.rend(),
                                   [&](const UpstreamPtr& one) { return one->entrypoint == entrypoint; });
    if (last == idle.rend()) return nullptr;
    UpstreamPtr taken = std::move(*last);
    idle.erase(std::next(last).base());
    taken->reused = true;
    if (is_quiet(taken->socket)) return taken;
  }
}

void Upstreams::give_back(UpstreamPtr upstream) {
  if (stopped_) return;
  const auto found = versions_.find(upstream->version);
  // Its process has been given up since.
  if (found == versions_.end() || !found->second.endpoint || found->second.endpoint->use != upstream->use)
    return;
  if (found->second.idle.size() >= kMaxIdle) return;
  upstream->idle_since = found->second.used = SteadyClock::now();
  found->second.idle.push_back(std::move(upstream));
}

// The answer comes by way of the I/O queue, even when the Runtimes know it at once.
void Upstreams::ask(const Uuid& version) {
  asking_[version] = std::make_shared<Asking>();
  runtimes_.acquire(version, [door = door_, version](Result<Endpoint> answer) {
    const std::lock_guard lock(door->mutex);
    if (door->inside == nullptr) return;
    asio::post(door->inside->io_, [self = door->inside, version, answer = std::move(answer)]() mutable {
      self->take_answer(version, std::move(answer));
    });
  });
}

void Upstreams::take_answer(const Uuid& version, Result<Endpoint> answer) {
  const auto found = asking_.find(version);
  if (found == asking_.end() || stopped_) return;
  const std::shared_ptr<Asking> asking = std::move(found->second);
  asking_.erase(found);
  if (answer) versions_[version] = {{}, *answer, SteadyClock::now()};
  asking->answer = std::move(answer);
  for (Timer* timer : asking->waiting) timer->cancel();
}

Task<Result<Endpoint>> Upstreams::endpoint_of(const Uuid& version, SteadyClock::time_point until) {
  if (const auto found = versions_.find(version);
      found != versions_.end() && found->second.endpoint && !found->second.endpoint->is_outdated()) {
    found->second.used = SteadyClock::now();
    co_return *found->second.endpoint;
  }
  if (!asking_.contains(version)) ask(version);
  const std::shared_ptr<Asking> asking = asking_[version];
  Timer mine(io_.get_executor(), until);
  asking->waiting.insert(&mine);
  while (!asking->answer && !stopped_ && SteadyClock::now() < until) {
    error_code ec;
    co_await mine.async_wait(asio::redirect_error(kUse, ec));
  }
  asking->waiting.erase(&mine);
  if (stopped_) co_return fail(Errc::unavailable, kStopping);
  if (!asking->answer) {
    co_return fail(Errc::timeout,
                   "The Worker's process did not start in time. Try again; Kiln's log says what it did.");
  }
  co_return *asking->answer;
}

Task<Result<Socket>> Upstreams::open(const std::string& path, SteadyClock::time_point until) {
  Result<Fd> fd = connect_unix(path);
  while (!fd) {
    if (fd.error().code != Errc::conflict) co_return tl::unexpected<Error>(fd.error());
    if (SteadyClock::now() >= until || stopped_) {
      co_return fail(Errc::timeout, "The Worker's process takes no more connections. Try again later.");
    }
    Timer pause(io_.get_executor(), kFullBacklog);
    error_code ec;
    co_await pause.async_wait(asio::redirect_error(kUse, ec));
    fd = connect_unix(path);
  }
  Socket socket(io_.get_executor());
  error_code ec;
  socket.assign(asio::generic::stream_protocol(AF_UNIX, 0), fd->get(), ec);
  if (ec) co_return fail(Errc::unavailable, "Kiln cannot watch more connections. Try again later.");
  fd->release();
  socket.non_blocking(true, ec);
  co_return socket;
}

Task<Result<UpstreamPtr>> Upstreams::connect(const Uuid& version, std::string entrypoint) {
  const SteadyClock::time_point until = SteadyClock::now() + connect_timeout_;
  // The second time with another process, where the one we knew has died.
  for (int tries = 0;; ++tries) {
    const Result<Endpoint> endpoint = co_await endpoint_of(version, until);
    if (!endpoint) co_return tl::unexpected<Error>(endpoint.error());
    const std::string* path = socket_for(*endpoint, entrypoint);
    if (path == nullptr) co_return no_entrypoint(entrypoint);
    Result<Socket> socket = co_await open(*path, until);
    if (socket) co_return std::make_unique<Upstream>(std::move(*socket), version, entrypoint, endpoint->use);
    if (socket.error().code != Errc::io) co_return tl::unexpected<Error>(socket.error());
    if (const auto known = versions_.find(version);
        known != versions_.end() && known->second.endpoint && known->second.endpoint->use == endpoint->use) {
      versions_.erase(known);
    }
    if (tries > 0) {
      co_return fail(Errc::unavailable,
                     "The Worker's process does not run. Try again; Kiln's log says why it stopped.");
    }
  }
}

void Upstreams::sweep(SteadyClock::time_point now) {
  for (auto at = versions_.begin(); at != versions_.end();) {
    Version& version = at->second;
    std::erase_if(version.idle, [&](const UpstreamPtr& one) { return now - one->idle_since > kIdleFor; });
    const bool unused = version.idle.empty() && now - version.used > kIdleFor;
    at = unused ? versions_.erase(at) : std::next(at);
  }
}

void Upstreams::stop() {
  stopped_ = true;
  versions_.clear();
  for (auto& [version, asking] : asking_) {
    for (Timer* timer : asking->waiting) timer->cancel();
  }
}

}  // namespace kiln::serving
