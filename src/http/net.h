// Sockets, timers and coroutines of a server with one I/O thread: the types, and what listening sockets and
// new connections share. Includes Asio, so only the files of a server's own inside include it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fs.h"

namespace kiln::http {

namespace asio = boost::asio;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;
template <typename T>
using Task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> kUse{};

// For co_spawn: an exception that ends a coroutine is logged.
void report_end(const std::exception_ptr& thrown);

// The listening sockets of one server and the coroutines that accept from them. Owned by the server, whose
// I/O thread runs everything but `add`.
class Acceptor {
 public:
  explicit Acceptor(asio::io_context& io) : io_(io) {}

  // `welcome` is given every connection of `listening`, without delay of small packets, until `stop`. When
  // the system has no descriptor left it waits a little, and says so naming `what` ("a connection", …). Any
  // thread, also before the I/O thread runs.
  void add(Fd listening, std::string what, std::function<void(Socket)> welcome);
  // One that was accepted elsewhere. Any thread.
  void take(Fd connection, std::function<void(Socket)> welcome);
  // I/O thread. Closes the listening sockets.
  void stop();

 private:
  struct Listener;

  Task<void> accept_all(std::shared_ptr<Listener> listener);
  bool accept_some(Listener& listener);

  asio::io_context& io_;
  bool stopping_ = false;  // I/O thread only, like the next
  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace kiln::http
