// The steps between fork and exec of bubblewrap. Only system calls: the child of a program with threads may
// do nothing else, so everything is laid out before the fork.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstddef>

namespace kiln::runner {

// A folder or file of the host that the build's uid may not be able to reach by its path.
struct Staged {
  const char* source = nullptr;  // null: absent
  const char* target = nullptr;  // in the stage
  bool is_file = false;
};

// The stage: a small tmpfs over this folder, in a mount namespace that only this child and bubblewrap see.
inline constexpr const char* kStage = "/tmp";

struct Plan {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  pid_t parent = 0;
  int words = -1;                   // becomes stdout and stderr
  std::array<int, 11> inherited{};  // stay open over the exec
  bool drop_to_uid = false;         // mode pool_uid: stage, then give root up
  const int* doors = nullptr;       // cgroup.procs files; null: none
  std::size_t door_count = 0;
  rlim_t most_processes = 0;  // of the uid; 0: no limit, as with the next two
  rlim_t most_data = 0;       // bytes of a process
  rlim_t largest_file = 0;    // bytes
  uid_t uid = 0;
  std::array<Staged, 7> staged{};
};

// Never returns; says on `words` what failed and exits 125.
[[noreturn]] void become_bwrap(const Plan& plan);

}  // namespace kiln::runner
