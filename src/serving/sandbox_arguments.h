// The words of the bubblewrap call around one workerd: it sees the libraries, its program, its configuration
// and its own files, all read-only, and has no privileges. Pure but for looking at which system folders this
// host has: any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "confine/seccomp_filter.h"
#include "serving/engine.h"

namespace kiln::serving {

inline constexpr const char* kWorkerdInside = "/workerd";

// A socket of the server's that the process may call, and its name inside.
struct Door {
  std::filesystem::path path;
  const char* inside = "";
};

struct SandboxSpec {
  std::filesystem::path folder;  // a RunFolder's
  std::vector<Door> doors{};
  bool experimental = true;            // services and flags of workerd that are: static assets need it
  bool network = false;                // the host's; without it, none at all
  std::filesystem::path own_folder{};  // that it may write, at kOwnFolderInside; empty: none
  int lock_fd = -1;                    // inherited: the lock on that folder
  std::uint64_t largest_file = 0;      // that it may write, in bytes; 0: any
  confine::Confined confined = confine::Confined::worker;
  unsigned uid = 0;    // the process's on the host, when we are root
  int config_fd = -1;  // the configuration, copied into memory that only it can see
  std::vector<std::pair<std::string, int>> sockets;  // inherited: listening, by their names in it
  int control_fd = -1;                               // inherited: workerd says here that it listens
  int seccomp_fd = -1;                               // the filter of system calls
};

// Options for bubblewrap alone; they may go through a file.
[[nodiscard]] std::vector<std::string> sandbox_arguments(bool root, const Engine& engine,
                                                         const SandboxSpec& spec);
// What it runs.
[[nodiscard]] std::vector<std::string> workerd_command(bool root, const SandboxSpec& spec);

}  // namespace kiln::serving
