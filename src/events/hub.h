// The live hub: wakes whoever waits for something to change, inside this process. Carries no data, so that a
// waiter always reads the truth from the store. Owned by app. All methods are safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace kiln::events {

// Topics in use: "queue" (a build may be claimable) and build_topic() (its state or log changed).
inline constexpr const char* kQueueTopic = "queue";
[[nodiscard]] std::string build_topic(const Uuid& build);

class Hub {
 public:
  using Ticket = std::uint64_t;

  // Calls `wake` at every notify of `topic` until unsubscribed; on the notifier's thread, so it must not
  // block, and it must not call back into the hub.
  [[nodiscard]] Ticket subscribe(const std::string& topic, std::function<void()> wake);
  // After it returns, `wake` is not running and will not be called again.
  void unsubscribe(Ticket ticket);
  void notify(const std::string& topic);

 private:
  struct Waiter {
    std::string topic;
    std::function<void()> wake;
  };
  std::mutex mutex_;
  Ticket next_ = 1;
  std::unordered_map<Ticket, Waiter> waiters_;
  std::unordered_multimap<std::string, Ticket> by_topic_;
};

}  // namespace kiln::events
