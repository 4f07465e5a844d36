// What the kernel says of a process in /proc/PID/status (proc(5)). Pure reads; any thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace kiln {

// The value of one of its lines, "Name" or "NSpid" say; empty when the process is gone.
[[nodiscard]] std::string status_of(pid_t process, std::string_view name);

// 0 when the process is gone, or has no parent that this namespace knows.
[[nodiscard]] pid_t parent_of(pid_t process);

}  // namespace kiln
