// Starts one workerd in its sandbox, and the socket it takes requests on. The calling thread must outlive the
// process: PDEATHSIG follows the thread that forked. Otherwise any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "serving/sandbox_arguments.h"

namespace kiln::serving {

// Listens on this path, which is removed first; connections wait in its queue until a process takes them.
// Errors: Errc::io, also for a path too long for a socket (107 bytes).
[[nodiscard]] Result<Fd> listen_on(const std::filesystem::path& path);

// A started process and our ends of its pipes, non-blocking.
struct Spawned {
  pid_t pid = -1;  // ours to reap
  Fd process;      // pidfd
  Fd control;      // a line once it listens
  Fd out;
  Fd err;  // also bubblewrap's own words, which begin with "bwrap: "
};

// Fills in the descriptors of `spec` but for its sockets, which stay the caller's. Errors: Errc::io,
// Errc::unavailable (see check_engine).
[[nodiscard]] Result<Spawned> spawn(const Engine& engine, SandboxSpec spec, std::string_view config);

// Kills it with all it holds, now; it is still to be reaped.
void kill_now(const Spawned& process);

// "exit code 1", "signal 9 (Killed)": waits for the process to end.
struct Ending {
  int exit_code = 0;
  int signal = 0;
};
[[nodiscard]] Ending reap(const Spawned& process);

// One read of at most 64 KiB onto `into`; closes the descriptor at the end of the stream. False when there is
// nothing more for now.
bool read_some(Fd& fd, std::string& into);

}  // namespace kiln::serving
