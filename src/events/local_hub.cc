#include "events/local_hub.h"

#include <utility>

namespace kiln::events {

std::string build_topic(const Uuid& build) {
  return "build:" + build.str();
}

Hub::Ticket LocalHub::subscribe(const std::string& topic, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  const Ticket ticket = next_++;
  waiters_.emplace(ticket, Waiter{topic, std::move(wake)});
  by_topic_.emplace(topic, ticket);
  return ticket;
}

void LocalHub::unsubscribe(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  const auto waiter = waiters_.find(ticket);
  if (waiter == waiters_.end()) return;
  auto [begin, end] = by_topic_.equal_range(waiter->second.topic);
  for (auto it = begin; it != end; ++it) {
    if (it->second == ticket) {
      by_topic_.erase(it);
      break;
    }
  }
  waiters_.erase(waiter);
}

void LocalHub::notify(const std::string& topic) {
  // Called under the lock, so that unsubscribe() can promise that no call is under way.
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = by_topic_.equal_range(topic);
  for (auto it = begin; it != end; ++it) waiters_.at(it->second).wake();
}

}  // namespace kiln::events
