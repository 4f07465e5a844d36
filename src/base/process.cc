#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/child.h"
#include "base/fs.h"
#include "base/start_child.h"
#include "base/strings.h"

namespace kiln {
namespace {

constexpr std::size_t kChunk = 64U << 10U;
constexpr int kLastReads =
    32;  // chunks still read once the child is gone and a stranger keeps its output open

void make_nonblocking(const Fd& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin", ':')) {
    if (folder.empty()) continue;
    std::string candidate = folder;
    candidate.append("/").append(name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

// Until the run is over: a child may close its stdin early.
class PipeSignalBlocked {
 public:
  PipeSignalBlocked() {
    sigemptyset(&only_pipe_);
    sigaddset(&only_pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &only_pipe_, &before_);
  }
  ~PipeSignalBlocked() {
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec at_once{0, 0};
      while (sigtimedwait(&only_pipe_, nullptr, &at_once) == SIGPIPE) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalBlocked(const PipeSignalBlocked&) = delete;
  PipeSignalBlocked& operator=(const PipeSignalBlocked&) = delete;

 private:
  sigset_t only_pipe_{};
  sigset_t before_{};
};

// A started child, which leads its process group, and our ends of its pipes.
class RunningChild {
 public:
  RunningChild(Child child, Fd in, Fd out, Fd err)
      : pid_(child.pid),
        handle_(std::move(child.handle)),
        in_(std::move(in)),
        out_(std::move(out)),
        err_(std::move(err)) {}

  // Feeds and drains until the child is gone, then reaps it. `ending` becomes readable when it is to end now.
  ProcessEnd follow(const ProcessSpec& spec, const Fd& ending) {
    ProcessEnd end;
    std::string_view input = spec.input;
    if (input.empty()) in_.reset();
    for (const Fd* fd : {&in_, &out_, &err_}) {
      if (*fd) make_nonblocking(*fd);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(spec.timeout_ms);
    bool gone = false;
    while (!gone) {
      std::array<pollfd, 5> fds{{{handle_.get(), POLLIN, 0},
                                 {out_.get(), POLLIN, 0},
                                 {err_.get(), POLLIN, 0},
                                 {in_.get(), POLLOUT, 0},
                                 {end.timed_out ? -1 : ending.get(), POLLIN, 0}}};
      poll(fds.data(), fds.size(), end.timed_out ? -1 : milliseconds_until(deadline));
      gone = fds[0].revents != 0;
      if (fds[1].revents != 0) take(out_, end.out, spec.max_output, end.truncated);
      if (fds[2].revents != 0) take(err_, end.err, spec.max_output, end.truncated);
      if (fds[3].revents != 0) give(input);
      const bool over = fds[4].revents != 0 || std::chrono::steady_clock::now() >= deadline;
      if (!gone && !end.timed_out && over) {
        end.timed_out = true;
        kill_group();
      }
    }
    for (int i = 0; i < kLastReads && take(out_, end.out, spec.max_output, end.truncated); ++i) {
    }
    for (int i = 0; i < kLastReads && take(err_, end.err, spec.max_output, end.truncated); ++i) {
    }
    reap(end);
    return end;
  }

 private:
  static int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }

  void kill_group() const {
    kill(-pid_, SIGKILL);
    kill(pid_, SIGKILL);
  }

  // One read. False when there is nothing more for now; closes the descriptor at the end of the stream.
  static bool take(Fd& fd, std::string& into, std::size_t limit, bool& truncated) {
    if (!fd) return false;
    std::array<char, kChunk> chunk;  // NOLINT(*-member-init): filled by read
    const ssize_t got = read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) return true;
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) {
      fd.reset();
      return false;
    }
    const std::size_t room = limit - std::min(limit, into.size());
    const auto size = static_cast<std::size_t>(got);
    into.append(chunk.data(), std::min(room, size));
    truncated = truncated || size > room;
    return true;
  }

  void give(std::string_view& input) {
    const ssize_t wrote = write(in_.get(), input.data(), input.size());
    if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (wrote > 0) input.remove_prefix(static_cast<std::size_t>(wrote));
    if (wrote < 0 || input.empty()) in_.reset();
  }

  // While the leader is still a zombie its group's number cannot be another's: what it left behind goes with
  // it.
  void reap(ProcessEnd& end) const {
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
    }
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  }

  pid_t pid_;
  Fd handle_;
  Fd in_, out_, err_;
};

}  // namespace

SystemProcesses::SystemProcesses() : ending_(eventfd(0, EFD_CLOEXEC)) {}

void SystemProcesses::end_all() {
  eventfd_write(ending_.get(), 1);
}

Result<ProcessEnd> SystemProcesses::run(const ProcessSpec& spec) {
  if (spec.argv.empty()) return fail(Errc::io, "no program to start was named");
  const std::optional<std::string> program = find_program(spec.argv[0]);
  if (!program) return fail(Errc::io, fmt::format("{} is not in PATH; install it", spec.argv[0]));
  auto in = pipe_to_child();
  auto out = pipe_from_child();
  auto err = pipe_from_child();
  for (auto* pipe : {&in, &out, &err}) {
    if (!*pipe) return context(pipe->error(), fmt::format("starting {}", spec.argv[0]));
  }
  std::vector<std::string> argv = spec.argv;
  std::vector<std::string> environment = spec.environment;
  const std::vector<char*> argv_pointers = pointers_to(argv);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  ChildPlan plan{.program = program->c_str(),
                 .argv = argv_pointers.data(),
                 .environment = environment_pointers.data(),
                 .directory = spec.directory.empty() ? nullptr : spec.directory.c_str(),
                 .in = in->theirs.get(),
                 .out = out->theirs.get(),
                 .err = err->theirs.get()};
  plan.prepare = [&spec]() -> const char* {
    const rlimit file_size{spec.max_file, spec.max_file};
    if (spec.max_file != 0 && setrlimit(RLIMIT_FSIZE, &file_size) != 0) return "limiting its files";
    return nullptr;
  };
  const PipeSignalBlocked no_signal;
  Result<Child> child = start_child(plan);
  if (!child) return context(child.error(), fmt::format("starting {}", spec.argv[0]));
  for (auto* ends : {&in, &out, &err}) (*ends)->theirs.reset();
  return RunningChild(std::move(*child), std::move(in->ours), std::move(out->ours), std::move(err->ours))
      .follow(spec, ending_);
}

}  // namespace kiln
