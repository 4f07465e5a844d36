// The list of system calls a build may not make. Compiled once a process by libseccomp, then only read: any
// thread.
#pragma once

#include <string>

#include "base/result.h"

namespace kiln::runner {

// The program as bubblewrap's --seccomp wants it. Errors: Errc::unavailable when libseccomp cannot build it
// here.
[[nodiscard]] const Result<std::string>& seccomp_program();

}  // namespace kiln::runner
