#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/child.h"
#include "base/fs.h"
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

// Everything the child needs, laid out before the fork: between fork and exec nothing may allocate.
struct Launch {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* directory;  // null: stay
  int in, out, err, report;
  pid_t parent;
  rlim_t max_file;
};

// In the child. Says on `report` why it could not become the program; silence there means success.
[[noreturn]] void become(const Launch& launch) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(127);
  reset_signals();
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const rlimit file_size{launch.max_file, launch.max_file};
  if (launch.max_file != 0) setrlimit(RLIMIT_FSIZE, &file_size);
  bool ready = dup2(launch.in, 0) >= 0 && dup2(launch.out, 1) >= 0 && dup2(launch.err, 2) >= 0 &&
               dup3(launch.report, 3, O_CLOEXEC) >= 0 && syscall(SYS_close_range, 4U, ~0U, 0U) == 0;
  if (ready && launch.directory != nullptr) ready = chdir(launch.directory) == 0;
  if (ready) execve(launch.program, launch.argv, launch.environment);
  const int reason = errno;
  const ssize_t told = write(3, &reason, sizeof reason);
  _exit(told == sizeof reason ? 127 : 126);
}

// vfork: this program's pages are not copied, and this thread alone waits until the child has become the
// program. The child calls the system and allocates nothing.
pid_t fork_into(const Launch& launch) {
  const pid_t pid = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (pid == 0) become(launch);
  return pid;
}

// Blocks every signal around the fork, so that no handler of ours runs in the child; SIGPIPE until the run is
// over, since a child may close its stdin early.
class SignalGuard {
 public:
  SignalGuard() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalGuard() {
    if (sigismember(&before_, SIGPIPE) == 0) {
      sigset_t only_pipe;
      sigemptyset(&only_pipe);
      sigaddset(&only_pipe, SIGPIPE);
      const timespec at_once{0, 0};
      while (sigtimedwait(&only_pipe, nullptr, &at_once) == SIGPIPE) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  void only_pipe_from_now() const {
    sigset_t mask = before_;
    sigaddset(&mask, SIGPIPE);
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  }

 private:
  sigset_t before_{};
};

// A started child and our ends of its pipes. The destructor leaves no process behind.
class Child {
 public:
  Child(pid_t pid, Fd in, Fd out, Fd err)
      : pid_(pid), in_(std::move(in)), out_(std::move(out)), err_(std::move(err)) {
    setpgid(pid_, pid_);
    handle_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  }

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

  // The child never became the program.
  void discard() {
    ProcessEnd ignored;
    reap(ignored);
  }

  [[nodiscard]] bool can_follow() const { return static_cast<bool>(handle_); }
  void kill_group() const {
    kill(-pid_, SIGKILL);
    kill(pid_, SIGKILL);
  }

 private:
  static int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
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

// The errno the child reported before it could exec, or 0.
int failure_of(const Fd& report) {
  int reason = 0;
  ssize_t got = 0;
  do {
    got = read(report.get(), &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  return got == sizeof reason ? reason : 0;
}

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
  auto report = pipe_from_child();
  for (auto* pipe : {&in, &out, &err, &report}) {
    if (!*pipe) return context(pipe->error(), fmt::format("starting {}", spec.argv[0]));
  }
  std::vector<std::string> argv = spec.argv;
  std::vector<std::string> environment = spec.environment;
  const std::vector<char*> argv_pointers = pointers_to(argv);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const Launch launch{program->c_str(),
                      argv_pointers.data(),
                      environment_pointers.data(),
                      spec.directory.empty() ? nullptr : spec.directory.c_str(),
                      in->theirs.get(),
                      out->theirs.get(),
                      err->theirs.get(),
                      report->theirs.get(),
                      getpid(),
                      spec.max_file};
  const SignalGuard signals;
  const pid_t pid = fork_into(launch);
  if (pid < 0) return fail(Errc::io, fmt::format("starting {}: {}", spec.argv[0], std::strerror(errno)));
  signals.only_pipe_from_now();
  Child child(pid, std::move(in->ours), std::move(out->ours), std::move(err->ours));
  for (auto* ends : {&in, &out, &err, &report}) (*ends)->theirs.reset();
  const int reason = failure_of(report->ours);
  if (reason != 0 || !child.can_follow()) {
    child.kill_group();
    child.discard();
    return fail(Errc::io,
                fmt::format("starting {}: {}", spec.argv[0], std::strerror(reason != 0 ? reason : ENOSYS)));
  }
  return child.follow(spec, ending_);
}

}  // namespace kiln
