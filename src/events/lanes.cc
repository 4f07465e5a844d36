#include "events/lanes.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/log.h"

namespace kiln::events {
namespace {

// What came due by the clock alone, and news that were not heard, are found so soon.
constexpr std::chrono::milliseconds kLook{500};
constexpr std::chrono::milliseconds kGather{20};
constexpr std::ptrdiff_t kMostLanes = 128;  // that run at once
constexpr TimeMs kRestAfterErrorMs = 1'000;
// A lane keeps no destination quiet for longer: what is to wait longer says so itself, by when it is due.
constexpr TimeMs kLongestRestMs = 300'000;

}  // namespace

void Lanes::start() {
  thread_ = std::thread([this] { run(); });
}

void Lanes::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (auto& [destination, lane] : lanes_) {
    if (lane.thread.joinable()) lane.thread.join();
  }
  lanes_.clear();
}

void Lanes::wake() {
  {
    const std::lock_guard lock(mutex_);
    something_waits_ = true;
  }
  woken_.notify_all();
}

void Lanes::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    something_waits_ = false;
    lock.unlock();
    try {
      look();
    } catch (const std::exception& thrown) {
      log::error("{}: a look at what waits failed: {}", parts_.what, thrown.what());
    }
    lock.lock();
    woken_.wait_for(lock, kLook, [this] { return stopping_ || something_waits_; });
    // What comes in a row is looked at together.
    if (something_waits_) woken_.wait_for(lock, kGather, [this] { return stopping_; });
  }
}

void Lanes::look() {
  if (parts_.before) {
    if (const Status done = parts_.before(); !done)
      log::error("{}: what happened was not handed on: {}", parts_.what, done.error().message);
  }
  tend_lanes();
}

// A lane for each destination with something due, unless it rests.
void Lanes::tend_lanes() {
  const Result<std::vector<Destination>> destinations = parts_.destinations();
  if (!destinations) {
    log::error("{}: what waits cannot be read: {}", parts_.what, destinations.error().message);
    return;
  }
  const TimeMs now = clock_.now();
  const std::int64_t monotonic = clock_.monotonic_ms();
  const std::lock_guard lock(mutex_);
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const bool is_over = lane->second.ended && lane->second.rests_until <= monotonic;
    if (lane->second.ended && lane->second.thread.joinable()) lane->second.thread.join();
    lane = is_over ? lanes_.erase(lane) : std::next(lane);
  }
  // Those that rest take no thread.
  auto running =
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& lane) { return !lane.second.ended; });
  for (const Destination& one : *destinations) {
    if (stopping_ || one.due_on > now || lanes_.contains(one.name) || running >= kMostLanes) continue;
    ++running;
    Lane& lane = lanes_[one.name];
    lane.thread = std::thread([this, name = one.name] { serve(name); });
  }
}

Result<Lanes::Served> Lanes::serve_one(const std::string& destination) {
  try {
    return parts_.serve(destination);
  } catch (const std::exception& thrown) {
    log::error("{}: serving {} failed: {}; it is left alone for a while", parts_.what,
               log::quoted(destination), thrown.what());
    return Served{true, kLongestRestMs};
  }
}

void Lanes::serve(const std::string& destination) {
  TimeMs rest_ms = 0;
  bool is_first = true;
  while (rest_ms == 0) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    const Result<Served> served = serve_one(destination);
    if (!served) {
      log::error("{}: nothing was sent: {}", parts_.what, served.error().message);
      rest_ms = kRestAfterErrorMs;
      break;
    }
    if (!served->any) {
      // It was said to be due and is not: asking again at once would get the same answer.
      if (is_first) rest_ms = kLook.count();
      break;
    }
    rest_ms = std::min(served->rest_ms, kLongestRestMs);
    is_first = false;
  }
  const std::lock_guard lock(mutex_);
  Lane& lane = lanes_[destination];
  lane.rests_until = clock_.monotonic_ms() + rest_ms;
  lane.ended = true;
  something_waits_ = true;
  woken_.notify_all();
}

}  // namespace kiln::events
