#include "watch/watcher.h"

#include <chrono>
#include <map>
#include <memory>

#include "base/log.h"

namespace kiln::watch {
namespace {

constexpr int kThreads = 16;
constexpr std::size_t kAllHosts = 12;  // the other threads are for repositories of this machine
constexpr std::size_t kPerHost = 1;
constexpr TimeMs kRefreshMs = 30'000;  // triggers and connections are changed by others too
constexpr TimeMs kLongestPause = 30'000;
constexpr TimeMs kStartSpreadMs = 3'000;

double chance_of(Entropy& entropy) {
  return static_cast<double>(static_cast<unsigned char>(entropy.bytes(1)[0])) / 256;
}

}  // namespace

Watcher::Watcher(const LookPorts& ports, TimeMs catch_up_ms)
    : ports_(ports),
      looker_(ports, catch_up_ms),
      schedule_(catch_up_ms),
      hosts_({kPerHost, kAllHosts}, [this](const std::string&) { wake(); }) {}

void Watcher::start() {
  looks_.start(kThreads);
  keeper_ = std::thread([this] { keep(); });
}

void Watcher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (keeper_.joinable()) keeper_.join();
  looks_.stop();
}

void Watcher::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void Watcher::hurry(const Uuid& connection) {
  {
    const std::lock_guard lock(mutex_);
    hurried_.push_back(connection);
  }
  wake();
}

void Watcher::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    round(lock);
    const TimeMs pause = schedule_.pause(ports_.clock.now(), kLongestPause);
    changed_.wait_for(lock, std::chrono::milliseconds(pause), [this] { return stopping_ || woken_; });
  }
}

// Called and left with the lock held; what asks the store or takes places does so without it.
void Watcher::round(std::unique_lock<std::mutex>& lock) {
  const TimeMs monotonic = ports_.clock.monotonic_ms();
  if (refreshed_on_ == 0 || monotonic - refreshed_on_ >= kRefreshMs || !hurried_.empty()) {
    const std::vector<Uuid> hurried = std::exchange(hurried_, {});
    lock.unlock();
    const Result<std::vector<store::Watched>> all = ports_.watches.watched();
    lock.lock();
    if (!all) {
      log::error("the repositories to look at cannot be read: {}", all.error().message);
    } else {
      refreshed_on_ = monotonic;
      schedule_.refresh(*all, ports_.clock.now(), kStartSpreadMs, [&] { return chance_of(ports_.entropy); });
    }
    for (const Uuid& one : hurried) schedule_.hurry(one, ports_.clock.now());
  }
  // A place, once taken, is given back with the last who holds it: a task can be copied, a place cannot.
  std::map<Uuid, std::shared_ptr<scm::HostSlots::Slot>> places;
  const std::vector<Turn> turns = schedule_.start(ports_.clock.now(), [&](const Turn& turn) {
    std::optional<scm::HostSlots::Slot> place = hosts_.take(turn.url);
    if (place) places[turn.connection] = std::make_shared<scm::HostSlots::Slot>(std::move(*place));
    return place.has_value();
  });
  for (const Turn& turn : turns) {
    looks_.add([this, connection = turn.connection, place = std::move(places[turn.connection])]() mutable {
      const std::optional<TimeMs> next_on = looker_.look(connection);
      {
        const std::lock_guard held(mutex_);
        schedule_.end(connection, next_on);
      }
      place.reset();  // wakes the keeper
    });
  }
}

}  // namespace kiln::watch
