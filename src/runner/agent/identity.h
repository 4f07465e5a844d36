// Giving up root for good. Only system calls, so it may run between fork and exec; used by the runner's child
// before bubblewrap and by the agent where user namespaces are refused. The calling process must have one
// thread.
#pragma once

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace kiln::agent {

// The raw calls: glibc's own would try to change every thread of the parent's table.
// Returns false, with errno set, when anything is left that could bring privilege back.
[[nodiscard]] inline bool become_unprivileged(uid_t id) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  if (syscall(SYS_setgroups, 0, nullptr) != 0) return false;
  if (syscall(SYS_setresgid, id, id, id) != 0) return false;
  if (syscall(SYS_setresuid, id, id, id) != 0) return false;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) return false;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

}  // namespace kiln::agent
