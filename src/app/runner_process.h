// Keeps one embedded runner process alive: starts kiln-runner, starts it again with a growing pause when it
// ends, and tells when one is there and when it is gone, so that its builds are taken back at once and people
// learn of one that cannot start.
//
// Owned by the Service. start() spawns the thread that starts and waits for it; the runner dies with that
// thread and with us (PDEATHSIG). Public methods: any one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "base/log.h"
#include "base/result.h"
#include "base/start_child.h"

namespace kiln::app {

// The option of a runner by which it gets another level than its settings name; SIGHUP with such a number
// (sigqueue(3)) changes it while it runs.
inline constexpr const char* kRunnerLogLevel = "--log-level";

// Where a runner finds the settings that its server has judged.
inline constexpr const char* kRunnerSettings = "/proc/self/fd/3";

struct RunnerCommand {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  Fd settings = {};  // every runner's kRunnerSettings (memory_file()); none: there is nothing at that name
};

class RunnerProcess {
 public:
  // They run on the keeper's thread: `on_start` before each start, `on_gone` after each end of the process,
  // with a sentence about it for people.
  RunnerProcess(RunnerCommand command, std::function<void()> on_start,
                std::function<void(const std::string& how)> on_gone)
      : command_(std::move(command)), on_start_(std::move(on_start)), on_gone_(std::move(on_gone)) {}
  ~RunnerProcess() { stop(); }
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  void start();
  // SIGTERM, and SIGKILL after five seconds.
  void stop();

  // Of what it says in the log, from now on and of every later one.
  void set_log_level(log::Level level);

  // The runner's process id, or 0 between two of them.
  [[nodiscard]] int pid() const { return pid_; }

 private:
  void keep();
  [[nodiscard]] std::string wait_for_end(const Child& runner);

  RunnerCommand command_;
  std::function<void()> on_start_;
  std::function<void(const std::string& how)> on_gone_;
  std::atomic<int> pid_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace kiln::app
