#include "runner/sandbox/become.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <tuple>

#include "runner/agent/identity.h"

namespace kiln::runner {
namespace {

// Before anything else is started, so that nothing of the build is ever outside.
bool enter_cgroups(std::span<const int> doors) {
  for (const int door : doors) {
    if (write(door, "0", 1) != 1) return false;
  }
  return true;
}

bool limit(int resource, rlim_t most) {
  if (most == 0) return true;
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return false;
  const rlim_t value = most < now.rlim_max ? most : now.rlim_max;
  const rlimit wanted{value, value};
  return setrlimit(resource, &wanted) == 0;
}

const char* set_limits(const SandboxPlan& plan) {
  if (!limit(RLIMIT_NPROC, plan.most_processes)) return "limiting processes";
  if (!limit(RLIMIT_DATA, plan.most_data)) return "limiting memory";
  if (!limit(RLIMIT_FSIZE, plan.largest_file)) return "limiting the size of files";
  return nullptr;
}

const char* bind(const Staged& staged, int source) {
  if (staged.is_file) {
    const int file = open(staged.target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return staged.target;
    close(file);
  } else if (mkdir(staged.target, 0700) != 0) {
    return staged.target;
  }
  std::array<char, 32> path{"/proc/self/fd/"};
  std::to_chars(path.data() + std::strlen(path.data()), path.data() + path.size() - 1, source);
  if (mount(path.data(), staged.target, nullptr, MS_BIND | MS_REC, nullptr) != 0) return staged.source;
  return nullptr;
}

// A slave: nothing mounted here is seen outside, and a disk that is unmounted outside is not kept here.
// Brings the build's folders to paths that its uid can walk, whatever the modes of their parents are. They
// are opened before the stage covers the folder that may hold them.
const char* set_stage(const SandboxPlan& plan) {
  if (unshare(CLONE_NEWNS) != 0)
    return "making a mount namespace (the runner is root without CAP_SYS_ADMIN?)";
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return "making mounts private";
  std::array<int, std::tuple_size_v<decltype(plan.staged)>> sources{};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const char* source = plan.staged[i].source;
    sources[i] = source == nullptr ? -1 : open(source, O_PATH | O_CLOEXEC);
    if (source != nullptr && sources[i] < 0) return source;
  }
  if (mount("stage", kStage, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=65536") != 0)
    return "mounting the stage";
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const char* failed = sources[i] < 0 ? nullptr : bind(plan.staged[i], sources[i]);
    if (failed != nullptr) return failed;
  }
  return nullptr;
}

}  // namespace

const char* prepare_sandbox(const SandboxPlan& plan) {
  umask(022);
  if (!enter_cgroups(plan.doors)) return "entering the build's cgroup";
  if (const char* failed = set_limits(plan); failed != nullptr) return failed;
  if (!plan.drop_to_uid) return nullptr;
  if (const char* failed = set_stage(plan); failed != nullptr) return failed;
  return agent::become_unprivileged(plan.uid) ? nullptr : "giving up root";
}

}  // namespace kiln::runner
