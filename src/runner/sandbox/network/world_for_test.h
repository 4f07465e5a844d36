// A small world to build in, made of network namespaces and gone with its threads: a machine with addresses
// of its own, and behind its one cable a network where a metadata service, a private and a public host
// answer. The calling thread becomes the machine. Needs root and iproute2.
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runner/sandbox/network/socket_address.h"
#include "testing/temp_dir.h"

namespace kiln::testing {

inline constexpr const char* kMetadata = "169.254.169.254";
inline constexpr const char* kPrivate = "10.9.9.9";
inline constexpr const char* kPublic = "203.0.113.7";
inline constexpr const char* kMachine = "192.0.2.1";
// Metadata services that are not link-local.
inline constexpr std::array kMetadataElsewhere{"168.63.129.16", "100.100.100.200", "192.0.0.192"};
inline constexpr const char* kGroup = "239.1.2.3";  // multicast, heard outside

// Answers every connection with a word. In the network namespace of the thread that makes it.
class Greeter {
 public:
  Greeter(const char* address, std::uint16_t port, std::string word)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), word_(std::move(word)) {
    const runner::SocketAddress at = runner::socket_address({*runner::Address::parse(address), port});
    const int on = 1;
    setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd_.get(), at.get(), at.size) != 0 || listen(fd_.get(), 64) != 0) std::abort();
    thread_ = std::thread([this] {
      while (true) {
        const Fd peer(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!peer) return;
        (void)!send(peer.get(), word_.data(), word_.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~Greeter() {
    shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  Greeter(const Greeter&) = delete;
  Greeter& operator=(const Greeter&) = delete;

  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    return ntohs(bound.sin_port);
  }

 private:
  Fd fd_;
  std::string word_;
  std::thread thread_;
};

// Hears datagrams to port 80, those to kGroup too, remembers each and answers "outside". In the network
// namespace of the thread that makes it.
class Ear {
 public:
  Ear() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const runner::SocketAddress at = runner::socket_address({*runner::Address::parse("0.0.0.0"), 80});
    ip_mreqn group{};
    inet_pton(AF_INET, kGroup, &group.imr_multiaddr);
    group.imr_ifindex = static_cast<int>(if_nametoindex("cable1"));
    if (bind(fd_.get(), at.get(), at.size) != 0 ||
        setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0)
      std::abort();
    thread_ = std::thread([this] { listen(); });
  }
  ~Ear() {
    shutdown(fd_.get(), SHUT_RDWR);  // wakes recvfrom(), connected or not
    thread_.join();
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  [[nodiscard]] std::set<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void listen() {
    while (true) {
      std::array<char, 512> words{};
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      auto* peer = reinterpret_cast<sockaddr*>(&from);
      const ssize_t got = recvfrom(fd_.get(), words.data(), words.size(), 0, peer, &size);
      if (got <= 0) return;
      {
        const std::lock_guard lock(mutex_);
        heard_.emplace(words.data(), static_cast<std::size_t>(got));
      }
      (void)!sendto(fd_.get(), "outside", 7, MSG_NOSIGNAL, peer, size);
    }
  }

  Fd fd_;
  mutable std::mutex mutex_;
  std::set<std::string> heard_;
  std::thread thread_;
};

class World {
 public:
  // False: this machine cannot make one; `why` says what failed. The machine's name server is at `resolver`,
  // an address of its own.
  bool make(const char* resolver = "127.0.0.1") {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return cannot("unshare");
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return cannot("private mounts");
    std::ofstream(folder_.path() / "resolv.conf") << "nameserver " << resolver << "\n";
    if (mount((folder_.path() / "resolv.conf").c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0)
      return cannot("resolv.conf");
    // Open to an ordinary user: the tun device, and the ports of services.
    if (!shell("mount -t tmpfs dev /dev/net && mknod -m 666 /dev/net/tun c 10 200 && "
               "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start"))
      return cannot("/dev/net/tun");
    std::promise<int> tid;
    outside_ = std::thread([this, &tid] { be_outside(tid); });
    const int outside = tid.get_future().get();
    if (outside < 0) return cannot("a second namespace");
    const std::string cable =
        "ip link add cable0 type veth peer name cable1 netns " + std::to_string(outside);
    if (!shell("ip link set lo up && " + cable + " && ip addr add " + kMachine +
               "/24 dev cable0 && ip link set cable0 up && ip route add default via 192.0.2.2"))
      return cannot("ip (iproute2)");
    cable_.set_value();
    if (!outside_ready_.get_future().get()) return cannot("ip in the other namespace");
    return true;
  }
  ~World() {
    end_.set_value();
    if (outside_.joinable()) outside_.join();
  }

  std::string why;

  // The datagrams that came to somebody outside, at whatever address.
  [[nodiscard]] std::set<std::string> heard() const { return ear_->heard(); }

  static bool shell(const std::string& command) { return std::system(command.c_str()) == 0; }

 private:
  bool cannot(const char* what) {
    why = what;
    return false;
  }

  void be_outside(std::promise<int>& tid) {
    if (unshare(CLONE_NEWNET) != 0) return tid.set_value(-1);
    std::future<void> cable = cable_.get_future();
    std::future<void> end = end_.get_future();
    tid.set_value(static_cast<int>(syscall(SYS_gettid)));
    while (cable.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
      if (end.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready) return;
    }
    std::string commands =
        "ip link set lo up && ip addr add 192.0.2.2/24 dev cable1 && ip link set cable1 up";
    std::vector<const char*> addresses{kMetadata, kPrivate, kPublic};
    addresses.insert(addresses.end(), kMetadataElsewhere.begin(), kMetadataElsewhere.end());
    for (const char* address : addresses)
      commands += std::string(" && ip addr add ") + address + "/32 dev lo";
    // What the public host says comes from its own address.
    commands += std::string(" && ip route replace 192.0.2.0/24 dev cable1 src ") + kPublic;
    const bool works = shell(commands);
    if (!works) return outside_ready_.set_value(false);
    const Greeter greeter("0.0.0.0", 80, "outside");
    ear_ = std::make_unique<Ear>();
    outside_ready_.set_value(true);
    end.wait();
  }

  testing::TempDir folder_;
  std::unique_ptr<Ear> ear_;
  std::thread outside_;
  std::promise<void> cable_;
  std::promise<bool> outside_ready_;
  std::promise<void> end_;
};

}  // namespace kiln::testing
