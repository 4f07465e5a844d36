// What fetch() of a Worker reaches: an HTTP server that answers at public and private addresses, those of
// metadata services and the loopback, of a network namespace of its own.
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstdlib>
#include <thread>

#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

const std::string kFetches =
    "export default { fetch(r) { return fetch(new URL(r.url).searchParams.get('u')).then(a => a.text())\n"
    ".then(t => new Response(t), e => new Response('refused')) } }";

// In the caller's network namespace, at every address of it.
class Greeter {
 public:
  Greeter() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_.get(), generic, sizeof address), 0);
    EXPECT_EQ(listen(listener_.get(), 16), 0);
    EXPECT_EQ(getsockname(listener_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      while (true) {
        const Fd call(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!call) return;
        std::array<char, 4096> chunk{};
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        if (recv(call.get(), chunk.data(), chunk.size(), 0) > 0)
          (void)send(call.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~Greeter() {
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Greeter(const Greeter&) = delete;
  Greeter& operator=(const Greeter&) = delete;
  [[nodiscard]] std::string at(const std::string& address) const {
    return "http://" + address + ":" + std::to_string(port_) + "/";
  }

 private:
  Fd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

constexpr const char* kPublic = "1.2.3.4";
constexpr const char* kPrivate = "10.9.8.7";
constexpr const char* kLocal = "127.0.0.1";
constexpr const char* kMetadata = "168.63.129.16";         // to workerd a public address like any other
constexpr const char* kOtherMetadata = "100.100.100.200";  // and a private one

// Which of them a Worker reaches when `outbound` is allowed. The processes are in our namespace.
std::string reached(const Greeter& greeter, const std::vector<std::string>& outbound) {
  TestGround ground;
  ground.options.prepare.outbound = outbound;
  ground.start();
  const Uuid version = ground.add_script(kFetches);
  std::string out;
  for (const char* address : {kPublic, kPrivate, kLocal, kMetadata, kOtherMetadata}) {
    const std::string body = body_of(ground.get(version, "/?u=" + greeter.at(address)));
    EXPECT_TRUE(body.find("hello") != std::string::npos || body.find("refused") != std::string::npos) << body;
    if (body.find("hello") != std::string::npos) out += std::string(out.empty() ? "" : " ") + address;
  }
  return out;
}

TEST(Outbound, LeadsWhereTheSettingSays) {
  KILN_NEEDS_WORKERD();
  bool entered = false;
  std::thread([&] {
    entered =
        unshare(CLONE_NEWNET) == 0 &&
        std::system(
            "ip link set lo up && for a in 1.2.3.4 10.9.8.7 168.63.129.16 100.100.100.200; do ip address "
            "add $a/32 dev lo || exit 1; done") == 0;
    if (!entered) return;
    const Greeter greeter;
    EXPECT_EQ(reached(greeter, {"public"}), "1.2.3.4");
    EXPECT_EQ(reached(greeter, {"public", "private"}), "1.2.3.4 10.9.8.7");
    EXPECT_EQ(reached(greeter, {"10.9.0.0/16"}), "10.9.8.7");
    EXPECT_EQ(reached(greeter, {"168.63.129.16/32", "100.64.0.0/10"}), "168.63.129.16");
    EXPECT_EQ(reached(greeter, {"0.0.0.0/0", "100.100.100.200/32"}), "1.2.3.4 10.9.8.7 100.100.100.200");
    EXPECT_EQ(reached(greeter, {"local"}), "127.0.0.1");
    EXPECT_EQ(reached(greeter, {}), "");
  }).join();
  if (!entered) GTEST_SKIP() << "a network namespace of our own cannot be made here";
}

}  // namespace
}  // namespace kiln::serving
