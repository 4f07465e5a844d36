// What the tests of Server share: a client that sees every byte, topics by hand, and a server with a route
// for each kind of reply.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "base/fs.h"
#include "base/http_client.h"
#include "http/server.h"
#include "testing/temp_dir.h"

namespace kiln::http {

inline constexpr int kGiveUpSeconds = 20;
inline constexpr RouteOptions kQuick{.work = Work::quick};

// Topics by hand; also tells a test when somebody subscribes or leaves.
class TestWakes final : public WakeSource {
 public:
  std::uint64_t subscribe(const std::string& topic, std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    waiters_[++next_] = {topic, std::move(wake)};
    changed_.notify_all();
    return next_;
  }
  void unsubscribe(std::uint64_t ticket) override {
    const std::lock_guard lock(mutex_);
    waiters_.erase(ticket);
    changed_.notify_all();
  }
  void notify(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    for (auto& [ticket, waiter] : waiters_) {
      if (waiter.first == topic) waiter.second();
    }
  }
  [[nodiscard]] bool wait_for(std::size_t waiters) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(kGiveUpSeconds),
                             [&] { return waiters_.size() == waiters; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::pair<std::string, std::function<void()>>> waiters_;
};

inline Response refuse(const Request&, const Error& error) {
  const std::map<Errc, int> statuses{{Errc::invalid, 400},         {Errc::no_route, 404},
                                     {Errc::wrong_method, 405},    {Errc::too_large, 413},
                                     {Errc::unavailable, 503},     {Errc::timeout, 504},
                                     {Errc::unauthenticated, 401}, {Errc::rate_limited, 429}};
  const auto found = statuses.find(error.code);
  Headers headers;
  if (error.code == Errc::wrong_method) headers.emplace_back("allow", error.field);
  return {found == statuses.end() ? 500 : found->second, headers, error.message};
}

// A client that sees every byte.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval give_up{kGiveUpSeconds, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &give_up, sizeof give_up);
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t wrote = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (wrote <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }
  void get(const std::string& target) const { send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"); }
  void shutdown_send() const { shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_.reset(); }
  [[nodiscard]] bool has_ended() {
    char byte = 0;
    return recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }
  [[nodiscard]] int fd() const { return socket_.get(); }

  // Up to and with `end`; what came behind it stays for the next call.
  std::string until(const std::string& end) {
    std::size_t at = 0;
    while ((at = pending_.find(end)) == std::string::npos) {
      if (!more()) break;
    }
    const std::size_t size = at == std::string::npos ? pending_.size() : at + end.size();
    std::string out = pending_.substr(0, size);
    pending_.erase(0, size);
    return out;
  }
  std::string to_end() {
    while (more()) {
    }
    return std::exchange(pending_, {});
  }
  [[nodiscard]] std::string head() { return until("\r\n\r\n"); }
  // A whole response, by its content-length.
  [[nodiscard]] std::string response() {
    std::string out = head();
    constexpr std::string_view name = "content-length: ";
    const std::size_t at = out.find(name);
    const std::size_t length = at == out.npos ? 0 : std::strtoul(out.c_str() + at + name.size(), nullptr, 10);
    while (pending_.size() < length && more()) {
    }
    out += pending_.substr(0, length);
    pending_.erase(0, length);
    return out;
  }

 private:
  bool more() {
    std::array<char, 4096> chunk{};
    const ssize_t got = recv(socket_.get(), chunk.data(), chunk.size(), 0);
    EXPECT_FALSE(got < 0 && errno == EAGAIN) << "nothing came";
    if (got <= 0) return false;
    pending_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  Fd socket_;
  std::string pending_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    router_.add("GET", "/hello", kQuick, [](const Request&) -> Reply { return Response{200, {}, "hello"}; });
    router_.add("POST", "/echo", {64, Work::quick}, echo);
    router_.add("POST", "/slow-echo", {4U << 20U, Work::store}, echo);
    router_.add("GET", "/wait", kQuick, [this](const Request& request) { return waiting(request); });
    router_.add("GET", "/wait-in-pool", {64, Work::read},
                [this](const Request& request) { return waiting(request); });
    router_.add("GET", "/brief", kQuick, [](const Request& request) -> Reply {
      if (request.last_try) return Response{200, {}, "time is up"};
      return Wait{"never", 20};
    });
    router_.add("GET", "/endless", kQuick, [](const Request&) -> Reply { return Wait{"never", 1}; });
    router_.add("GET", "/throws", kQuick,
                [](const Request&) -> Reply { throw std::runtime_error("no luck"); });
    router_.add("GET", "/headers", kQuick, [](const Request&) -> Reply {
      return Response{200, {{"x-good", "1"}, {"x-split", "a\r\nx-evil: 1"}, {"Content-Length", "99"}}, "ok"};
    });
    router_.add("GET", "/empty", kQuick, [](const Request&) -> Reply { return Response{204, {}, {}}; });
    router_.add("GET", "/big", kQuick, [](const Request&) -> Reply {
      return Response{200, {}, std::string(8U << 20U, 'b')};
    });
    router_.add("GET", "/stream", kQuick, [this](const Request&) { return streaming(); });
    router_.add("GET", "/stream-in-pool", {64, Work::read}, [this](const Request&) { return streaming(); });
  }
  ~ServerTest() override { server().stop(); }

  static Reply echo(const Request& request) { return Response{200, {}, request.body}; }

  Reply waiting(const Request& request) {
    if (value_ > 0) return Response{200, {}, fmt::format("value {}", value_.load())};
    if (request.last_try) return Response{200, {}, "nothing"};
    return Wait{"value", 60'000};
  }

  // "1", "2", … as value_ grows, to the end at 3.
  Reply streaming() {
    return Stream{200, {{"content-type", "text/event-stream"}}, [this, told = 0]() mutable -> StreamStep {
                    if (told == 3) return {"", std::nullopt, true};
                    if (told < value_) return {fmt::format("piece {};", ++told), std::nullopt, false};
                    return {"", Wait{"value", 60'000}, false};
                  }};
  }

  Server& server() {
    if (server_ == nullptr) server_ = std::make_unique<Server>(router_, wakes_, refuse, options_);
    return *server_;
  }
  std::uint16_t start() {
    const auto port = server().listen_tcp("127.0.0.1", 0);
    EXPECT_TRUE(port) << port.error().message;
    server().start();
    return *port;
  }
  void set_value(int value) {
    value_ = value;
    wakes_.notify("value");
  }

  Router router_;
  TestWakes wakes_;
  ServerOptions options_;
  std::atomic<int> value_ = 0;
  std::unique_ptr<Server> server_;
};

}  // namespace kiln::http
