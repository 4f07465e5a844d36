// A connection's wait for one topic of the wake source. Internal to the server; I/O thread only.
#pragma once

#include <boost/asio/post.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "http/connection.h"

namespace kiln::http {

class Connection::Subscription {
 public:
  explicit Subscription(Connection& connection) : connection_(connection) {}
  ~Subscription() { end(); }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // True when it was not subscribed to that topic yet: the caller must look once more before it sleeps.
  bool begin(const std::string& topic) {
    if (ticket_ && topic_ == topic) return false;
    end();
    topic_ = topic;
    // On the notifier's thread, under its lock: only posts, and never holds the last reference.
    ticket_ = connection_.shared_.wakes.subscribe(
        topic, [weak = connection_.weak_from_this(), executor = connection_.socket_.get_executor()] {
          asio::post(executor, [weak] {
            if (const auto connection = weak.lock()) connection->wake();
          });
        });
    return true;
  }

 private:
  void end() {
    if (ticket_) connection_.shared_.wakes.unsubscribe(*ticket_);
    ticket_.reset();
  }

  Connection& connection_;
  std::string topic_;
  std::optional<std::uint64_t> ticket_;
};

}  // namespace kiln::http
