// What a build may use at most, what it has used, and what its limits did to it. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::runner {

enum class DiskMode {
  automatic,  // loop where it works, else poll
  loop,       // a file system of its own in a sparse image: root only, enforced by the kernel
  poll,       // looked at every few seconds; the build is ended when it has used more
  none,
};

struct Limits {
  std::uint64_t memory =
      8ULL
      << 30U;  // bytes, not more than the machine has; all processes together, tmpfs and file cache included
  double cpus = 0;                    // cores' worth of time; 0: all of them, shared fairly
  std::uint64_t processes = 4096;     // threads count
  std::uint64_t disk = 20ULL << 30U;  // bytes of checkout, home and /tmp together
  DiskMode disk_mode = DiskMode::automatic;
  std::uint64_t min_free_disk = 1ULL << 30U;  // bytes of the host's disk that builds leave; 0: no floor
};

// So far. Absent: this machine cannot tell.
struct Usage {
  std::optional<std::uint64_t> memory_peak;  // bytes
  std::optional<std::uint64_t> cpu_us;
  std::optional<std::uint64_t> written;  // bytes given to file systems
  std::optional<std::uint64_t> processes_peak;
};

// Counted by the kernel, not guessed from exit codes.
struct Harm {
  std::uint64_t memory_kills = 0;   // processes that the kernel ended because memory had run out
  std::uint64_t forks_refused = 0;  // for the limit of processes
  bool disk_full = false;           // no block is left
  bool files_full = false;          // no inode is left
  bool disk_over = false;           // poll: seen over the limit, and ended for it
  bool host_disk_low = false;       // ended, since the host's disk was about to be full
  bool network_lost = false;        // the network stack ended before the build did
  bool whole_build = false;         // one of these ended everything, not just a process
};

}  // namespace kiln::runner
