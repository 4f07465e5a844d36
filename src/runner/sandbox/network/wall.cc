#include "runner/sandbox/network/wall.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/log.h"
#include "runner/sandbox/child_pid.h"
#include "runner/sandbox/network/inside.h"
#include "runner/sandbox/network/relay.h"
#include "runner/sandbox/network/slirp.h"

namespace kiln::runner {
namespace {

constexpr std::chrono::milliseconds kWallPatience{10'000};
constexpr std::size_t kMaxStatus = 4096;

// What bubblewrap says about its child, one line of JSON; it may come in pieces.
std::string read_status(int status, int stop) {
  std::string text;
  while (text.size() < kMaxStatus && text.find('\n') == std::string::npos) {
    std::array<pollfd, 2> wanted{pollfd{status, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
    const int ready = poll(wanted.data(), wanted.size(), static_cast<int>(kWallPatience.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || wanted[1].revents != 0) break;
    std::array<char, 512> chunk{};
    const ssize_t got = read(status, chunk.data(), chunk.size());
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<NetworkWall>> NetworkWall::raise(WallPlan plan) {
  Fd stop(eventfd(0, EFD_CLOEXEC));
  if (!stop) return fail(Errc::io, fmt::format("making an event: {}", std::strerror(errno)));
  std::unique_ptr<NetworkWall> wall(new NetworkWall(std::move(plan), std::move(stop)));
  wall->thread_ = std::thread([raw = wall.get()] { raw->run(); });
  return wall;
}

Status NetworkWall::wait() {
  std::unique_lock lock(mutex_);
  said_.wait(lock, [this] { return standing_.has_value(); });
  return *standing_;
}

NetworkWall::NetworkWall(WallPlan plan, Fd stop) : plan_(std::move(plan)), stop_(std::move(stop)) {}

NetworkWall::~NetworkWall() {
  close();
}

bool NetworkWall::has_failed() const {
  const std::lock_guard lock(mutex_);
  return standing_ && (!*standing_ || (slirp_ && slirp_->has_ended()));
}

bool NetworkWall::has_lost_its_stack() const {
  const std::lock_guard lock(mutex_);
  return slirp_ && slirp_->has_ended();
}

void NetworkWall::end() const {
  const std::uint64_t one = 1;
  (void)!write(stop_.get(), &one, sizeof one);
}

void NetworkWall::close() {
  if (!thread_.joinable()) return;
  end();
  thread_.join();
}

void NetworkWall::say(Status status) {
  const std::lock_guard lock(mutex_);
  standing_ = std::move(status);
  said_.notify_all();
}

// The refusals are there before the outside is: at no moment is there a way out without them.
void NetworkWall::run() {
  const std::optional<pid_t> child = child_pid(read_status(plan_.status.get(), stop_.get()));
  if (!child) return say(fail(Errc::unavailable, "the sandbox ended before its network was ready"));
  const Result<NetworkNamespace> space = open_network_namespace(*child, plan_.bubblewrap);
  if (!space) return say(tl::unexpected<Error>(space.error()));
  Result<Inside> inside = prepare_inside(*space, plan_.policy);
  if (!inside) return say(tl::unexpected<Error>(std::move(inside.error())));
  std::unique_ptr<Slirp> slirp;
  if (plan_.policy.mode == model::NetworkMode::egress) {
    Result<std::unique_ptr<Slirp>> started =
        Slirp::start(plan_.mode, plan_.uid, {inside->router.get(), space->owner.get()}, plan_.cgroup);
    if (!started) return say(tl::unexpected<Error>(std::move(started.error())));
    slirp = std::move(*started);
    if (Status ready = slirp->wait_until_ready(kWallPatience, stop_.get()); !ready)
      return say(std::move(ready));
  }
  {
    const std::lock_guard lock(mutex_);
    slirp_ = std::move(slirp);
  }
  say({});
  Relay(std::move(inside->listeners), plan_.policy.doors).run(stop_.get());
  {
    const std::lock_guard lock(mutex_);
    slirp = std::move(slirp_);
  }
  if (slirp && slirp->has_ended())
    log::warn("slirp4netns ended before its build, which then reached nothing words={}",
              log::quoted(slirp->last_words()));
}

}  // namespace kiln::runner
