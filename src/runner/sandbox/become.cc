#include "runner/sandbox/become.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "base/child.h"
#include "runner/agent/identity.h"

namespace kiln::runner {
namespace {

constexpr int kFailed = 125;

void say(const char* text) {
  if (write(2, text, std::strlen(text)) < 0) _exit(kFailed);
}

// "doing: EPERM"; the name, because strerror may allocate.
[[noreturn]] void give_up(const char* doing) {
  const char* name = strerrorname_np(errno);
  say("preparing the sandbox: ");
  say(doing);
  say(": ");
  say(name != nullptr ? name : "unknown error");
  say("\n");
  _exit(kFailed);
}

void detach(const Plan& plan) {
  setsid();
  reset_signals();
  umask(022);
  const int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0 || dup2(plan.words, 1) < 0 || dup2(plan.words, 2) < 0) _exit(kFailed);
}

// Whatever this program has open stays out of the sandbox.
void keep_only_inherited(const Plan& plan) {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) give_up("closing descriptors");
  for (const int fd : plan.inherited) {
    if (fcntl(fd, F_SETFD, 0) != 0) give_up("keeping a descriptor");
  }
}

// Before anything else is started, so that nothing of the build is ever outside.
void enter_cgroups(const Plan& plan) {
  for (std::size_t i = 0; i < plan.door_count; ++i) {
    if (write(plan.doors[i], "0", 1) != 1) give_up("entering the build's cgroup");
  }
}

void limit(int resource, rlim_t most, const char* doing) {
  if (most == 0) return;
  rlimit now{};
  if (getrlimit(resource, &now) != 0) give_up(doing);
  const rlim_t value = most < now.rlim_max ? most : now.rlim_max;
  const rlimit wanted{value, value};
  if (setrlimit(resource, &wanted) != 0) give_up(doing);
}

void set_limits(const Plan& plan) {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) give_up("limiting core files");
  limit(RLIMIT_NPROC, plan.most_processes, "limiting processes");
  limit(RLIMIT_DATA, plan.most_data, "limiting memory");
  limit(RLIMIT_FSIZE, plan.largest_file, "limiting the size of files");
}

void bind(const Staged& staged, int source) {
  if (staged.is_file) {
    const int file = open(staged.target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) give_up(staged.target);
    close(file);
  } else if (mkdir(staged.target, 0700) != 0) {
    give_up(staged.target);
  }
  std::array<char, 32> path{"/proc/self/fd/"};
  std::to_chars(path.data() + std::strlen(path.data()), path.data() + path.size() - 1, source);
  if (mount(path.data(), staged.target, nullptr, MS_BIND | MS_REC, nullptr) != 0) give_up(staged.source);
}

// A slave: nothing mounted here is seen outside, and a disk that is unmounted outside is not kept here.
// Brings the build's folders to paths that its uid can walk, whatever the modes of their parents are. They
// are opened before the stage covers the folder that may hold them.
void set_stage(const Plan& plan) {
  if (unshare(CLONE_NEWNS) != 0)
    give_up("making a mount namespace (the runner is root without CAP_SYS_ADMIN?)");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) give_up("making mounts private");
  std::array<int, std::tuple_size_v<decltype(plan.staged)>> sources{};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const char* source = plan.staged[i].source;
    sources[i] = source == nullptr ? -1 : open(source, O_PATH | O_CLOEXEC);
    if (source != nullptr && sources[i] < 0) give_up(source);
  }
  if (mount("stage", kStage, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=65536") != 0)
    give_up("mounting the stage");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i] >= 0) bind(plan.staged[i], sources[i]);
  }
}

}  // namespace

void become_bwrap(const Plan& plan) {
  detach(plan);
  enter_cgroups(plan);
  keep_only_inherited(plan);
  set_limits(plan);
  if (plan.drop_to_uid) {
    set_stage(plan);
    if (!agent::become_unprivileged(plan.uid)) give_up("giving up root");
  }
  // After the change of uid, which clears it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(kFailed);
  execve(plan.program, plan.argv, plan.environment);
  give_up(plan.program);
}

}  // namespace kiln::runner
