// The lists of system calls that a build, and a Worker's process, may not make. Compiled once a process by
// libseccomp, then only read: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace kiln::confine {

enum class Confined : std::uint8_t {
  build,
  worker,    // what is closed to builds, and all that makes processes or changes files
  database,  // as a worker's, but it keeps files of its own
};

// The program as bubblewrap's --seccomp wants it. Errors: Errc::unavailable when libseccomp cannot build it
// here.
[[nodiscard]] const Result<std::string>& seccomp_program(Confined whom);

}  // namespace kiln::confine
