#include "base/parked_bwrap.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "base/fs.h"

namespace kiln {
namespace {

constexpr const char* kBwrap = "/usr/bin/bwrap";
constexpr const char* kProgram = "/opt/kiln/a-program-of-this-test";

// The child of `process`, once it has one.
pid_t child_of(pid_t process) {
  const std::string file =
      "/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children";
  pid_t child = 0;
  while (child == 0 && kill(process, 0) == 0) {
    std::ifstream(file) >> child;
    std::this_thread::yield();
  }
  return child;
}

bool ended(const Fd& process, int patience_ms) {
  pollfd wanted{process.get(), POLLIN, 0};
  return poll(&wanted, 1, patience_ms) == 1;
}

// A bubblewrap that has forked and cannot tell about its child, since nobody reads what it writes.
class ParkedBwrap : public ::testing::Test {
 protected:
  void SetUp() override {
    if (access(kBwrap, X_OK) != 0) GTEST_SKIP() << "there is no bwrap";
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    full_ = Fd(ends[0]);
    const Fd write_end(ends[1]);
    fcntl(write_end.get(), F_SETFL, O_NONBLOCK);
    const std::string page(4096, 'x');
    while (write(write_end.get(), page.data(), page.size()) > 0) {
    }
    fcntl(write_end.get(), F_SETFL, 0);
    const std::string info = std::to_string(write_end.get());
    outer_ = fork();
    if (outer_ == 0) {
      execl(kBwrap, "bwrap", "--unshare-user", "--unshare-pid", "--die-with-parent", "--info-fd",
            info.c_str(), "--ro-bind", "/", "/", "--", kProgram, "1", "2", nullptr);
      _exit(1);
    }
    const pid_t inner = child_of(outer_);
    ASSERT_NE(inner, 0) << "bubblewrap makes no namespaces here";
    inner_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, inner, 0)));
    ASSERT_TRUE(inner_);
  }
  void TearDown() override {
    kill_outer();
    if (inner_) syscall(SYS_pidfd_send_signal, inner_.get(), SIGKILL, nullptr, 0);
  }
  void kill_outer() {
    if (outer_ <= 0) return;
    kill(outer_, SIGKILL);
    waitpid(outer_, nullptr, 0);
    outer_ = 0;
  }

  pid_t outer_ = 0;
  Fd full_;
  Fd inner_;
};

TEST_F(ParkedBwrap, IsEndedWhenItsBubblewrapIsGone) {
  kill_outer();
  ASSERT_FALSE(ended(inner_, 0)) << "bubblewrap's child dies by itself now: this cure is not needed";
  EXPECT_EQ(end_parked_bwraps("/opt/kiln/another"), 0);
  EXPECT_EQ(end_parked_bwraps(kProgram), 1);
  EXPECT_TRUE(ended(inner_, 10'000));
}

TEST_F(ParkedBwrap, IsLeftAloneWhileItsBubblewrapLives) {
  EXPECT_EQ(end_parked_bwraps(kProgram), 0);
  EXPECT_FALSE(ended(inner_, 0));
}

}  // namespace
}  // namespace kiln
