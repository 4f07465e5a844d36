// kiln-agent: runs inside each sandbox, one command after another, and leaves no process of a command behind.
//
// kiln-agent CONTROL_FD LOG_FD [UID]: commands come over CONTROL_FD (protocol.h), their output goes to
// LOG_FD. UID is given only where bubblewrap had to start as root: the agent then gives root up before
// anything else.
//
// Statically linked and small, since its start is part of every build's start. What it runs is hostile and
// has the same uid: so it is not dumpable (no /proc/PID/fd, no ptrace), and a command gets no descriptor but
// 0, 1 and 2.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runner/agent/identity.h"
#include "runner/agent/protocol.h"

namespace kiln::agent {
namespace {

constexpr int kCannotStart = 126;
constexpr int kNotFound = 127;

bool read_exactly(int fd, char* out, std::size_t size) {
  while (size > 0) {
    const ssize_t got = read(fd, out, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<CommandFrame> read_command(int control) {
  std::uint32_t length = 0;
  if (!read_exactly(control, reinterpret_cast<char*>(&length), sizeof length)) return std::nullopt;
  if (length > kMaxBody) return std::nullopt;
  std::string body(length, '\0');
  if (!read_exactly(control, body.data(), body.size())) return std::nullopt;
  return decode(body);
}

bool send_report(int control, Report::Kind kind, int value) {
  Report report{kind, value};
  rusage used{};
  if (getrusage(RUSAGE_CHILDREN, &used) == 0) {
    const auto microseconds = [](const timeval& time) {
      return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
    };
    report.cpu_us = microseconds(used.ru_utime) + microseconds(used.ru_stime);
    report.written = static_cast<std::uint64_t>(used.ru_oublock) * 512;
    report.largest_process = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  }
  return send(control, &report, sizeof report, MSG_NOSIGNAL) == sizeof report;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void refuse(const std::string& what, int code) {
  dprintf(2, "%s: %s\n", what.c_str(), std::strerror(errno));
  _exit(code);
}

// In the child. Words about a command that cannot start go to its log, like a shell's.
[[noreturn]] void become(CommandFrame& command, int log) {
  setsid();
  const int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) _exit(kCannotStart);
  syscall(SYS_close_range, 3U, ~0U, 0U);
  if (chdir(command.directory.c_str()) != 0) refuse(command.directory, kCannotStart);
  std::vector<char*> argv = pointers_to(command.argv);
  std::vector<char*> environment = pointers_to(command.environment);
  environ = environment.data();  // execvp searches the command's own PATH
  execvp(argv[0], argv.data());
  refuse(command.argv[0], errno == ENOENT ? kNotFound : kCannotStart);
}

// Waits for `child`, reaping on the way the orphans that come to us as their sub-reaper.
int wait_for(pid_t child) {
  int status = 0;
  while (true) {
    const pid_t gone = waitpid(-1, &status, 0);
    if (gone == child) return status;
    if (gone < 0 && errno != EINTR) return status;
  }
}

// Every process here descends from us, so none is left when there is no child to wait for. kill(-1) spares us
// and the namespace's init, and no fork slips past it: a process with a fatal signal pending cannot fork.
void kill_the_rest() {
  while (true) {
    kill(-1, SIGKILL);
    const pid_t gone = waitpid(-1, nullptr, 0);
    if (gone < 0 && errno == ECHILD) return;
  }
}

bool run(CommandFrame& command, int control, int log) {
  // An earlier command may have left the pipe non-blocking, which makes ordinary programs lose output.
  fcntl(log, F_SETFL, fcntl(log, F_GETFL) & ~O_NONBLOCK);
  const pid_t child = fork();
  if (child == 0) become(command, log);
  if (child < 0) {
    dprintf(log, "cannot start a process: %s\n", std::strerror(errno));
    return send_report(control, Report::Kind::exited, kCannotStart);
  }
  const int status = wait_for(child);
  kill_the_rest();
  if (WIFSIGNALED(status)) return send_report(control, Report::Kind::signalled, WTERMSIG(status));
  return send_report(control, Report::Kind::exited, WEXITSTATUS(status));
}

void close_all_but(int control, int log) {
  const auto low = static_cast<unsigned>(std::min(control, log));
  const auto high = static_cast<unsigned>(std::max(control, log));
  if (low > 3) syscall(SYS_close_range, 3U, low - 1, 0U);
  if (high > low + 1) syscall(SYS_close_range, low + 1, high - 1, 0U);
  syscall(SYS_close_range, high + 1, ~0U, 0U);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Signals at default, for us and so for commands.
int serve(int control, int log) {
  reset_signals();
  umask(022);
  close_all_but(control, log);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return 1;
  if (!send_report(control, Report::Kind::hello, 0)) return 1;
  while (std::optional<CommandFrame> command = read_command(control)) {
    if (!run(*command, control, log)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace kiln::agent

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("kiln-agent is started by kiln-runner inside a sandbox, not by hand.\n", stderr);
    return 2;
  }
  const int control = std::atoi(argv[1]);
  const int log = std::atoi(argv[2]);
  if (argc > 3 && !kiln::agent::become_unprivileged(static_cast<uid_t>(std::atoi(argv[3])))) {
    std::perror("kiln-agent: giving up root");
    return 1;
  }
  return kiln::agent::serve(control, log);
}
