#include "app/runner_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "app/admission.h"
#include "base/child.h"
#include "base/log.h"

namespace kiln::app {
namespace {

constexpr int kGraceMs = 5'000;
constexpr int kSettingsNumber = 3;  // of kRunnerSettings
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{10'000};

// It ends with us, and shares our terminal and log. Errors: Errc::io.
Result<Child> start_runner(const RunnerCommand& command) {
  std::vector<std::string> words{command.program.string()};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  const std::vector<char*> argv = pointers_to(words);
  ChildPlan plan{.program = argv[0], .argv = argv.data()};
  plan.group = ChildPlan::Group::callers;
  plan.in = STDIN_FILENO;
  plan.out = STDOUT_FILENO;
  plan.err = STDERR_FILENO;
  plan.prepare = [&command]() -> const char* {
    restore_descriptor_limit();  // builds get what the system gives
    if (command.settings && dup2(command.settings.get(), kSettingsNumber) < 0)
      return "handing over the settings";
    return nullptr;
  };
  return start_child(plan);
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

void RunnerProcess::set_log_level(log::Level level) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string>& words = command_.arguments;
  const auto told = std::find(words.begin(), words.end(), kRunnerLogLevel);
  if (told != words.end()) words.erase(told, told + 2);
  const int number = static_cast<int>(level);
  words.insert(words.end(), {kRunnerLogLevel, std::to_string(number)});
  sigval value{};
  value.sival_int = number;
  if (pid_ > 0) sigqueue(pid_, SIGHUP, value);
}

void RunnerProcess::keep() {
  auto pause = kFirstPause;
  while (true) {
    const auto began = std::chrono::steady_clock::now();
    on_start_();
    Result<Child> runner;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      runner = start_runner(command_);
      if (runner) pid_ = runner->pid;
    }
    std::string how;
    if (runner) {
      log::info("runner started pid={}", runner->pid);
      how = wait_for_end(*runner);
    } else {
      how = "cannot be started: " + runner.error().message;
      log::error("the runner {}", how);
    }
    pid_ = 0;
    on_gone_(fmt::format(
        "the runner {} before it came for a build; it is tried again. What it said itself is in the server's "
        "log, and `kiln doctor` says what builds need of this machine",
        how));
    std::unique_lock lock(mutex_);
    if (stopping_) return;
    if (std::chrono::steady_clock::now() - began > kLongestPause) pause = kFirstPause;
    wake_.wait_for(lock, pause, [this] { return stopping_; });
    pause = std::min(pause * 2, kLongestPause);
  }
}

// Reaps the process, and tells how it ended; once stop() has been called, gives it kGraceMs to end before it
// is killed.
std::string RunnerProcess::wait_for_end(const Child& runner) {
  pollfd ready{runner.handle.get(), POLLIN, 0};
  int asked_ms = 0;
  while (poll(&ready, 1, 200) == 0) {
    const std::lock_guard lock(mutex_);
    if (!stopping_) continue;
    asked_ms += 200;
    if (asked_ms >= kGraceMs) kill(runner.pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(runner.pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::string how = WIFSIGNALED(status) ? fmt::format("was killed by signal {}", WTERMSIG(status))
                                        : fmt::format("ended with exit code {}", WEXITSTATUS(status));
  const std::lock_guard lock(mutex_);
  if (!stopping_)
    log::error("the runner ended and is started again pid={} how={}", runner.pid, log::quoted(how));
  return how;
}

}  // namespace kiln::app
