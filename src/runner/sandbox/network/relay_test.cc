#include "runner/sandbox/network/relay.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <thread>

#include "runner/sandbox/network/socket_address.h"

namespace kiln::runner {
namespace {

Fd listen_on_loopback(int flags) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  const SocketAddress any = socket_address({*Address::parse("127.0.0.1"), 0});
  EXPECT_EQ(bind(fd.get(), any.get(), any.size), 0);
  EXPECT_EQ(listen(fd.get(), 256), 0);
  return fd;
}

std::uint16_t port_of(const Fd& fd) {
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.sin_port);
}

std::string read_all(int fd) {
  std::string all;
  std::array<char, 65536> chunk{};
  while (true) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got <= 0) return got < 0 ? "error" : all;
    all.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

class RelayTest : public ::testing::Test {
 protected:
  void relay_to(std::uint16_t target) {
    Fd door = listen_on_loopback(SOCK_NONBLOCK);
    port_ = port_of(door);
    std::vector<Fd> listeners;
    listeners.push_back(std::move(door));
    relay_ = std::make_unique<Relay>(std::move(listeners),
                                     std::vector<Door>{{*Address::parse("127.0.0.1"), target}});
    thread_ = std::thread([this] { relay_->run(stop_.get()); });
  }
  ~RelayTest() override {
    const std::uint64_t one = 1;
    EXPECT_EQ(write(stop_.get(), &one, sizeof one), 8);
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] Fd dial() const {
    Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const SocketAddress there = socket_address({*Address::parse("127.0.0.1"), port_});
    EXPECT_EQ(connect(fd.get(), there.get(), there.size), 0);
    return fd;
  }

  std::uint16_t port_ = 0;

 private:
  Fd stop_{eventfd(0, EFD_CLOEXEC)};
  std::unique_ptr<Relay> relay_;
  std::thread thread_;
};

TEST_F(RelayTest, CarriesBytesBothWaysAndPassesTheEndOfEachOn) {
  const Fd server = listen_on_loopback(0);
  relay_to(port_of(server));
  const std::string request(8'000'000, 'q');
  const std::string answer(9'000'001, 'a');
  std::string got_request;
  std::thread serving([&] {
    const Fd peer(accept(server.get(), nullptr, nullptr));
    got_request = read_all(peer.get());  // to the half close
    write_all(peer.get(), answer);
  });
  const Fd client = dial();
  write_all(client.get(), request);
  shutdown(client.get(), SHUT_WR);
  const std::string got_answer = read_all(client.get());
  serving.join();
  EXPECT_TRUE(got_request == request) << got_request.size();
  EXPECT_TRUE(got_answer == answer) << got_answer.size();
}

TEST_F(RelayTest, AServerThatIsNotThereIsAReset) {
  Fd server = listen_on_loopback(0);
  const std::uint16_t gone = port_of(server);
  server.reset();
  relay_to(gone);
  EXPECT_EQ(read_all(dial().get()), "error");
  EXPECT_EQ(read_all(dial().get()), "error");
}

TEST_F(RelayTest, MoreConnectionsThanItsBoundWaitTheirTurn) {
  const Fd server = listen_on_loopback(0);
  relay_to(port_of(server));
  constexpr int kMany = static_cast<int>(Relay::kMaxConnections) + 40;
  std::thread serving([&] {
    for (int i = 0; i < kMany; ++i) {
      const Fd peer(accept(server.get(), nullptr, nullptr));
      write_all(peer.get(), read_all(peer.get()));
    }
  });
  std::vector<Fd> clients;
  for (int i = 0; i < kMany; ++i) clients.push_back(dial());
  for (int i = 0; i < kMany; ++i) {
    write_all(clients[static_cast<std::size_t>(i)].get(), std::to_string(i));
    shutdown(clients[static_cast<std::size_t>(i)].get(), SHUT_WR);
  }
  for (int i = 0; i < kMany; ++i)
    EXPECT_EQ(read_all(clients[static_cast<std::size_t>(i)].get()), std::to_string(i));
  serving.join();
}

TEST_F(RelayTest, EndsWithItsOwner) {
  const Fd server = listen_on_loopback(0);
  relay_to(port_of(server));
  const Fd client = dial();
  const Fd peer(accept(server.get(), nullptr, nullptr));
  EXPECT_TRUE(peer);
}

}  // namespace
}  // namespace kiln::runner
