// Port: the live hub, which wakes whoever waits for something to change. Carries no data, so that a waiter
// always reads the truth from the store, and a wake-up too many or one that comes late harms nobody. Owned by
// app. All methods are safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/ids.h"

namespace kiln::events {

// Topics in use: "queue" (a build may be claimable), "outbox" (a build moved: others may have to be told),
// "moves" (some build was made or moved) and build_topic() (its state or log changed).
inline constexpr const char* kQueueTopic = "queue";
inline constexpr const char* kOutboxTopic = "outbox";
inline constexpr const char* kMovesTopic = "moves";
[[nodiscard]] std::string build_topic(const Uuid& build);

class Hub {
 public:
  using Ticket = std::uint64_t;

  virtual ~Hub() = default;

  // Calls `wake` at every notify of `topic` until unsubscribed; on the notifier's thread, so it must not
  // block, and it must not call back into the hub.
  [[nodiscard]] virtual Ticket subscribe(const std::string& topic, std::function<void()> wake) = 0;
  // After it returns, `wake` is not running and will not be called again.
  virtual void unsubscribe(Ticket ticket) = 0;
  virtual void notify(const std::string& topic) = 0;
};

}  // namespace kiln::events
