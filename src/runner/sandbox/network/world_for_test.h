// A small world to build in, made of network namespaces and gone with its threads: a machine with addresses
// of its own, and behind its one cable a network where a metadata service, a private and a public host
// answer. The calling thread becomes the machine. Needs root and iproute2.
#pragma once

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

class World {
 public:
  // False: this machine cannot make one; `why` says what failed.
  bool make() {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return cannot("unshare");
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return cannot("private mounts");
    // The machine asks a name server of its own, on its loopback.
    std::ofstream(folder_.path() / "resolv.conf") << "nameserver 127.0.0.1\n";
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
    for (const char* address : {kMetadata, kPrivate, kPublic})
      commands += std::string(" && ip addr add ") + address + "/32 dev lo";
    const bool works = shell(commands);
    outside_ready_.set_value(works);
    if (!works) return;
    const Greeter greeter("0.0.0.0", 80, "outside");
    end.wait();
  }

  testing::TempDir folder_;
  std::thread outside_;
  std::promise<void> cable_;
  std::promise<bool> outside_ready_;
  std::promise<void> end_;
};

}  // namespace kiln::testing
