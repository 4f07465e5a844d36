// The parts that the plan of a child process (start_child.h) is made of: descriptors, words, signals. Any
// thread.
#pragma once

#include <sys/socket.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace kiln {

// The lowest number of a descriptor made for a child: below it the child sets up its own.
inline constexpr int kFirstInherited = 16;

// `low` under a number from kFirstInherited on; closed on exec, and none at all where that cannot be had.
[[nodiscard]] Fd moved_up(int low);

// Two ends, both from kFirstInherited on and closed on exec.
struct Ends {
  Fd ours;
  Fd theirs;
};
// Errors of all: Errc::io.
[[nodiscard]] Result<Ends> pipe_from_child();
[[nodiscard]] Result<Ends> pipe_to_child();
[[nodiscard]] Result<Ends> socket_to_child(int type = SOCK_STREAM);

// As execve takes them; good as long as the texts are.
[[nodiscard]] std::vector<char*> pointers_to(std::vector<std::string>& texts);
// As a program reads them from a file: each with a zero byte behind it.
[[nodiscard]] std::string zero_ended(const std::vector<std::string>& words);
// The program of that name in one of the system's folders, whatever PATH says; empty when it is in none.
[[nodiscard]] std::string system_program(std::string_view name);

// Around a fork, so that no handler of ours runs in the child.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// In the child, before exec: every signal does what it does by default, or goes on being ignored, and none is
// blocked. Allocates nothing.
void reset_signals(bool keep_ignored = false);

}  // namespace kiln
