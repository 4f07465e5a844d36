#include "base/start_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>

#include "base/child.h"

namespace kiln {
namespace {

constexpr int kNotStarted = 127;

// What the child says when it cannot become the program. It goes through a pipe and not through the memory
// that both share: what intercepts vfork (the thread sanitizer) makes it a fork.
struct Failure {
  const char* doing = nullptr;  // a literal of this program; null: becoming the other one
  int reason = 0;
};

bool set_streams(const ChildPlan& plan) {
  int null = -1;
  if (plan.in < 0 || plan.out < 0 || plan.err < 0) {
    const int low = open("/dev/null", O_RDWR | O_CLOEXEC);
    null = fcntl(low, F_DUPFD_CLOEXEC, kFirstInherited);
    if (null < 0) return false;
  }
  return dup2(plan.in < 0 ? null : plan.in, 0) >= 0 && dup2(plan.out < 0 ? null : plan.out, 1) >= 0 &&
         dup2(plan.err < 0 ? null : plan.err, 2) >= 0;
}

bool keep_only(std::span<const int> inherited) {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return false;
  for (const int fd : inherited) {
    if (fd >= 0 && fcntl(fd, F_SETFD, 0) != 0) return false;
  }
  return true;
}

// In the child. Null, or what failed.
const char* lay_out(const ChildPlan& plan) {
  if (plan.group == ChildPlan::Group::own) setpgid(0, 0);
  if (plan.group == ChildPlan::Group::session) setsid();
  reset_signals(plan.keep_ignored_signals);
  if (!set_streams(plan)) return "setting its standard streams";
  if (!keep_only(plan.inherited)) return "closing descriptors";
  const rlimit no_core{0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return "limiting core files";
  if (plan.directory != nullptr && chdir(plan.directory) != 0) return "entering its folder";
  return plan.prepare ? plan.prepare() : nullptr;
}

void become(const ChildPlan& plan, pid_t parent, int report) {
  Failure failure{lay_out(plan), errno};
  if (failure.doing == nullptr) {
    // After `prepare`: a change of uid clears it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) {
      execve(plan.program, plan.argv, plan.environment != nullptr ? plan.environment : environ);
      failure.reason = errno;
    } else {
      failure.reason = ESRCH;
    }
  }
  (void)!write(report, &failure, sizeof failure);
  _exit(kNotStarted);
}

// None when the child has become the program, which closes the pipe.
std::optional<Failure> told_failure(int pipe) {
  Failure failure;
  ssize_t got = 0;
  while ((got = read(pipe, &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (got != sizeof failure) return std::nullopt;
  return failure;
}

void reap_child(pid_t pid) {
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

pid_t vfork_into(const std::function<void()>& work) {
  const SignalsBlocked blocked;
  const pid_t pid = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (pid == 0) {
    work();
    _exit(kNotStarted);
  }
  return pid;
}

Result<Child> start_child(const ChildPlan& plan) {
  Result<Ends> report = pipe_from_child();
  if (!report) return tl::unexpected<Error>(std::move(report.error()));
  const pid_t parent = getpid();
  const std::function<void()> child = [&plan, parent, pipe = report->theirs.get()] {
    become(plan, parent, pipe);
  };
  Child started;
  started.pid = vfork_into(child);
  if (started.pid < 0) return fail(Errc::io, fmt::format("forking: {}", std::strerror(errno)));
  report->theirs.reset();
  if (const std::optional<Failure> failure = told_failure(report->ours.get())) {
    reap_child(started.pid);
    const std::string doing =
        failure->doing != nullptr ? failure->doing : fmt::format("running {}", plan.program);
    return fail(Errc::io, fmt::format("{}: {}", doing, std::strerror(failure->reason)));
  }
  started.handle = Fd(static_cast<int>(syscall(SYS_pidfd_open, started.pid, 0)));
  if (!started.handle) {
    const int reason = errno;
    kill(started.pid, SIGKILL);
    reap_child(started.pid);
    return fail(Errc::io, fmt::format("watching {}: {}", plan.program, std::strerror(reason)));
  }
  return started;
}

}  // namespace kiln
