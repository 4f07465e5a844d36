// The front's sockets, timers and coroutines. Internal to the front; everything here belongs to its one
// thread.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstring>
#include <memory>
#include <string_view>

#include "http/net.h"

namespace kiln::serving {

namespace asio = boost::asio;
using http::error_code;
using http::Executor;
using http::kUse;
using http::report_end;
using http::Socket;
using http::SteadyClock;
using http::Task;
using http::Timer;
inline constexpr SteadyClock::time_point kNever = SteadyClock::time_point::max();

// Bytes received and not yet passed on, in one piece of fixed size.
class Buffer {
 public:
  static constexpr std::size_t kCapacity = 64U << 10U;

  [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] bool full() const { return end_ - begin_ == kCapacity; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Free room behind the bytes, all that there is.
  [[nodiscard]] asio::mutable_buffer room() {
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {bytes_.get() + end_, kCapacity - end_};
  }
  void commit(std::size_t count) { end_ += count; }

 private:
  std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(kCapacity);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace kiln::serving
