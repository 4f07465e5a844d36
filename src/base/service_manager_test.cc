#include "base/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/fs.h"

namespace kiln {
namespace {

// Hears what a program tells, at a name that no file stands for.
class Manager {
 public:
  explicit Manager(const std::string& name) : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  [[nodiscard]] std::string heard() const {
    std::array<char, 256> buffer{};
    const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return got < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(got));
  }

 private:
  Fd socket_;
};

std::string unique_name() {
  return "kiln-manager-" + std::to_string(getpid());
}

TEST(ServiceManager, IsToldAndItsVariablesAreGoneForChildren) {
  const Manager manager(unique_name());
  setenv("NOTIFY_SOCKET", ("@" + unique_name()).c_str(), 1);
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  const ServiceManager found = ServiceManager::from_environment();
  EXPECT_TRUE(found.tell("READY=1\nSTATUS=here"));
  EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=here");
  EXPECT_EQ(found.alive_every(), std::chrono::milliseconds(15'000));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    EXPECT_EQ(std::getenv(name), nullptr) << name;
}

TEST(ServiceManager, WithoutOneNothingIsToldAndNothingFails) {
  const ServiceManager none = ServiceManager::from_environment();
  EXPECT_TRUE(none.tell("READY=1"));
  EXPECT_FALSE(none.alive_every());
}

TEST(ServiceManager, AnotherProcesssWatchdogAndNonsenseAreNotObeyed) {
  struct Case {
    const char* micros;
    const char* pid;
  };
  for (const Case& wrong : {Case{"30000000", "1"}, Case{"0", ""}, Case{"soon", ""}, Case{"", ""}}) {
    setenv("NOTIFY_SOCKET", "@kiln-nobody", 1);
    setenv("WATCHDOG_USEC", wrong.micros, 1);
    setenv("WATCHDOG_PID", wrong.pid, 1);
    EXPECT_FALSE(ServiceManager::from_environment().alive_every()) << wrong.micros << " " << wrong.pid;
  }
}

TEST(ServiceManager, OneThatIsGoneOrHasNoPathIsAnErrorInWords) {
  setenv("NOTIFY_SOCKET", "@kiln-nobody-listens-here", 1);
  EXPECT_EQ(ServiceManager::from_environment().tell("READY=1").error().code, Errc::io);
  setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
  EXPECT_EQ(ServiceManager::from_environment().tell("READY=1").error().code, Errc::io);
}

}  // namespace
}  // namespace kiln
