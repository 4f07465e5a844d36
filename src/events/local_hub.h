// The hub of one process: whoever notifies calls the waiters. Owned by app. All methods are safe from any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "events/hub.h"

namespace kiln::events {

class LocalHub final : public Hub {
 public:
  [[nodiscard]] Ticket subscribe(const std::string& topic, std::function<void()> wake) override;
  void unsubscribe(Ticket ticket) override;
  void notify(const std::string& topic) override;

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
