#include "app/runner_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "app/admission.h"
#include "base/fs.h"
#include "base/log.h"

namespace kiln::app {
namespace {

constexpr int kNotExecuted = 127;
constexpr int kGraceMs = 5'000;
constexpr int kSettingsNumber = 3;  // of kRunnerSettings
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{10'000};

// Forks and executes; 0 and an errno when that is impossible.
int spawn(const RunnerCommand& command) {
  std::vector<char*> argv;
  std::string program = command.program.string();
  std::vector<std::string> arguments = command.arguments;
  argv.push_back(program.data());
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return std::max(pid, 0);
  // Child: only async-signal-safe calls from here on.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kNotExecuted);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  restore_descriptor_limit();  // builds get what the system gives
  const bool settings = command.settings && dup2(command.settings.get(), kSettingsNumber) == kSettingsNumber;
  syscall(SYS_close_range, settings ? kSettingsNumber + 1U : 3U, ~0U, 0U);
  execv(argv[0], argv.data());
  _exit(kNotExecuted);
}

}  // namespace

void RunnerProcess::start() {
  thread_ = std::thread([this] { keep(); });
}

void RunnerProcess::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (pid_ > 0) kill(pid_, SIGTERM);
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RunnerProcess::keep() {
  auto pause = kFirstPause;
  while (true) {
    const auto began = std::chrono::steady_clock::now();
    std::string how;
    on_start_();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      pid_ = spawn(command_);
    }
    if (pid_ == 0) {
      how = fmt::format("the runner does not start: {}", std::strerror(errno));
      log::error("{}", how);
    } else {
      log::info("runner started pid={}", pid_.load());
      how = wait_for_end(pid_);
    }
    pid_ = 0;
    on_gone_(how);
    std::unique_lock lock(mutex_);
    if (stopping_) return;
    if (std::chrono::steady_clock::now() - began > kLongestPause) pause = kFirstPause;
    wake_.wait_for(lock, pause, [this] { return stopping_; });
    pause = std::min(pause * 2, kLongestPause);
  }
}

// Reaps the process, and tells how it ended; once stop() has been called, gives it kGraceMs to end before it
// is killed.
std::string RunnerProcess::wait_for_end(int pid) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ready{handle.get(), POLLIN, 0};
  int asked_ms = 0;
  while (poll(&ready, 1, 200) == 0) {
    const std::lock_guard lock(mutex_);
    if (!stopping_) continue;
    asked_ms += 200;
    if (asked_ms >= kGraceMs) kill(pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::string how;
  if (WIFSIGNALED(status)) {
    how = fmt::format("was killed by signal {}", WTERMSIG(status));
  } else if (WEXITSTATUS(status) == kNotExecuted && access(command_.program.c_str(), X_OK) != 0) {
    how = fmt::format("cannot be run from {}: {}", command_.program.string(), std::strerror(errno));
  } else {
    how = fmt::format("ended with exit code {}", WEXITSTATUS(status));
  }
  const std::lock_guard lock(mutex_);
  if (!stopping_) log::error("runner pid={} {}; it is started again", pid, how);
  return fmt::format(
      "the runner {} before it came for a build; it is tried again. What it said itself is in the server's "
      "log, and `kiln doctor` says what builds need of this machine",
      how);
}

}  // namespace kiln::app
