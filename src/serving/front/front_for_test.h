// What the tests of the front share: versions that answer as their requests' paths say, on unix sockets of
// their own, Runtimes that know them, and a store with a Worker.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "http/listen.h"
#include "http/server_for_test.h"
#include "serving/front/front.h"
#include "store/sqlite/route_resolver.h"
#include "testing/memory_store.h"

namespace kiln::serving {

// A process's end of one connection; blocking.
class Peer {
 public:
  explicit Peer(Fd fd) : fd_(std::move(fd)) {}

  // A request's head with its empty line; empty when the other side has closed.
  [[nodiscard]] std::string head() { return until("\r\n\r\n"); }
  [[nodiscard]] std::string until(const std::string& end) {
    std::size_t at = 0;
    while ((at = pending_.find(end)) == std::string::npos) {
      if (!more()) return {};
    }
    std::string out = pending_.substr(0, at + end.size());
    pending_.erase(0, out.size());
    return out;
  }
  // Some bytes, at least one; empty at the end.
  [[nodiscard]] std::string some() {
    if (pending_.empty() && !more()) return {};
    return std::exchange(pending_, {});
  }
  [[nodiscard]] std::string exactly(std::size_t count) {
    while (pending_.size() < count && more()) {
    }
    std::string out = pending_.substr(0, count);
    pending_.erase(0, out.size());
    return out;
  }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t wrote = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (wrote <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }
  void answer(std::string_view body) const {
    send(fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", body.size(), body));
  }
  void end() const { shutdown(fd_.get(), SHUT_RDWR); }

 private:
  bool more() {
    std::array<char, 16384> chunk{};
    const ssize_t got = recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    pending_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  Fd fd_;
  std::string pending_;
};

// Stands for a version's process: one thread a connection, each running `serve` to its end.
class TestProcess {
 public:
  using Serve = std::function<void(Peer&)>;

  TestProcess(std::string path, Serve serve) : path_(std::move(path)), serve_(std::move(serve)) {
    auto opened = http::open_unix(path_);
    if (!opened) throw std::runtime_error(opened.error().message);
    listening_ = std::move(opened->socket);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~TestProcess() {
    stopping_ = true;
    shutdown(listening_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (Peer& peer : peers_) peer.end();
    }
    for (std::thread& thread : threads_) thread.join();
    unlink(path_.c_str());
  }
  TestProcess(const TestProcess&) = delete;
  TestProcess& operator=(const TestProcess&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd ready{listening_.get(), POLLIN, 0};
      if (poll(&ready, 1, -1) < 0 && errno != EINTR) return;
      Fd fd(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) {
        if (errno == EAGAIN || errno == EINTR) continue;
        return;
      }
      ++connections_;
      const std::lock_guard lock(mutex_);
      Peer& peer = peers_.emplace_back(std::move(fd));
      threads_.emplace_back([this, &peer] {
        serve_(peer);
        peer.end();
      });
    }
  }

  std::string path_;
  Serve serve_;
  Fd listening_;
  std::mutex mutex_;
  std::list<Peer> peers_;
  std::vector<std::thread> threads_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread acceptor_;
};

// Answers requests with their counted bodies until the other side closes: "<name> <method> <target>", or what
// the target asks for.
inline TestProcess::Serve polite(const std::string& name) {
  return [name](Peer& peer) {
    for (std::string head = peer.head(); !head.empty(); head = peer.head()) {
      const std::string line = head.substr(0, head.find(" HTTP/1.1"));
      const auto has = [&](std::string_view what) { return head.find(what) != std::string::npos; };
      constexpr std::string_view kCounted = "Content-Length: ";
      if (const std::size_t at = head.find(kCounted); at != std::string::npos)
        (void)peer.exactly(std::stoul(head.substr(at + kCounted.size())));
      if (has(" /head "))
        peer.answer(head);
      else if (has(" /chunks ")) {
        peer.send(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
      } else if (has(" /until-end ")) {
        peer.send("HTTP/1.1 200 OK\r\n\r\nto the end");
        return;
      } else if (has(" /drop "))
        return;
      else if (head.starts_with("HEAD "))
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
      else
        peer.answer(name + " " + line);
    }
  };
}

class TestRuntimes final : public Runtimes {
 public:
  void acquire(const Uuid& version, std::function<void(Result<Endpoint>)> ready) override {
    ++acquired_;
    Result<Endpoint> answer = fail(Errc::unavailable, "The Worker cannot be started now. See Kiln's log.");
    {
      const std::lock_guard lock(mutex_);
      const auto found = known_.find(version);
      if (found != known_.end()) answer = found->second;
    }
    ready(std::move(answer));
  }
  void set(const Uuid& version, const std::string& path) {
    const std::lock_guard lock(mutex_);
    known_[version] = {path, std::make_shared<int>(0), {}, {}, {}};
  }
  void forget(const Uuid& version) {
    const std::lock_guard lock(mutex_);
    known_.erase(version);
  }
  [[nodiscard]] int acquired() const { return acquired_; }

 private:
  std::mutex mutex_;
  std::map<Uuid, Endpoint> known_;
  std::atomic<int> acquired_ = 0;
};

// A front over a real store, with the Worker "shop" of the account at "acme.localhost".
class FrontTest : public ::testing::Test {
 protected:
  ~FrontTest() override {
    if (front_) front_->stop();
    processes_.clear();
  }

  // A new version of the Worker whose process serves so; deployed when `percentage` says so.
  Uuid add_version(const TestProcess::Serve& serve, const std::string& alias = {}) {
    store::NewVersion fresh;
    fresh.version.id = store_.entropy.uuid();
    fresh.version.worker_tag = worker_.tag;
    fresh.version.created_on = store_.clock.now();
    fresh.version.source = "wrangler";
    fresh.alias = alias;
    EXPECT_TRUE(store_.versions.add_version(fresh));
    start_process(fresh.version.id, serve);
    return fresh.version.id;
  }
  void start_process(const Uuid& version, const TestProcess::Serve& serve) {
    const std::string path = (store_.folder.path() / fmt::format("s{}", processes_.size())).string();
    processes_.push_back(std::make_unique<TestProcess>(path, serve));
    runtimes_.set(version, path);
  }
  void deploy(const std::vector<model::DeploymentTarget>& versions) {
    model::Deployment made;
    made.id = store_.entropy.uuid();
    made.worker_tag = worker_.tag;
    made.created_on = store_.clock.now();
    made.source = "wrangler";
    made.versions = versions;
    EXPECT_TRUE(store_.versions.add_deployment(made));
  }
  // Both at once.
  Uuid deploy(const TestProcess::Serve& serve) {
    const Uuid version = add_version(serve);
    deploy({{version, 100}});
    return version;
  }
  // The port; starts the front at the first call.
  std::uint16_t port() {
    if (front_) return port_;
    front_ = std::make_unique<Front>(routes_, store_.database->changes(), runtimes_, options_);
    const auto opened = front_->listen_tcp("127.0.0.1", 0);
    EXPECT_TRUE(opened) << opened.error().message;
    port_ = *opened;
    front_->start();
    return port_;
  }
  // The whole answer to a GET on a connection of its own.
  std::string get(const std::string& target, const std::string& host = "shop.acme.localhost",
                  const std::string& headers = {}) {
    http::Wire wire(port());
    wire.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers +
              "\r\n");
    return wire.to_end();
  }

  testing::TestStore store_;
  model::Account account_ = store_.add_account("acme");
  model::Worker worker_ = store_.add_worker(account_.id, "shop");
  store::sqlite::SqliteRouteResolver routes_{*store_.database};
  TestRuntimes runtimes_;
  FrontOptions options_;
  std::vector<std::unique_ptr<TestProcess>> processes_;
  std::unique_ptr<Front> front_;
  std::uint16_t port_ = 0;
};

}  // namespace kiln::serving
