// What a build's bubblewrap does between fork and exec (base/start_child.h): enters the build's cgroups,
// takes its limits, sets the stage and gives up root. Only system calls, so everything is laid out before the
// fork.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <span>

namespace kiln::runner {

// A folder or file of the host that the build's uid may not be able to reach by its path.
struct Staged {
  const char* source = nullptr;  // null: absent
  const char* target = nullptr;  // in the stage
  bool is_file = false;
};

// The stage: a small tmpfs over this folder, in a mount namespace that only this child and bubblewrap see.
inline constexpr const char* kStage = "/tmp";

struct SandboxPlan {
  bool drop_to_uid = false;    // mode pool_uid: stage, then give root up
  std::span<const int> doors;  // cgroup.procs files
  rlim_t most_processes = 0;   // of the uid; 0: no limit, as with the next two
  rlim_t most_data = 0;        // bytes of a process
  rlim_t largest_file = 0;     // bytes
  uid_t uid = 0;
  std::array<Staged, 7> staged{};
};

// Null, or what failed, with errno set.
[[nodiscard]] const char* prepare_sandbox(const SandboxPlan& plan);

}  // namespace kiln::runner
