// The door to short child processes (git, mostly): run to the end, capture, bound. The sandbox has its own
// launcher. Owned by app (SystemProcesses), passed by reference. Safe from any thread; a call blocks its
// thread until the child is gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace kiln {

struct ProcessSpec {
  std::vector<std::string> argv;         // argv[0] is looked up in PATH
  std::vector<std::string> environment;  // KEY=VALUE, the whole of it: nothing is inherited
  std::string directory;                 // empty: the caller's
  std::string input;                     // given on stdin, then closed
  int timeout_ms = 60'000;               // then the child's process group is killed
  std::size_t max_output = 16U << 20U;   // bytes kept of each stream; the rest is read and dropped
  std::uint64_t max_file = 0;  // bytes of one file that it writes, then SIGXFSZ ends it; 0: any number
};

struct ProcessEnd {
  int exit_code = 0;       // meaningful when signal == 0 and !timed_out
  int signal = 0;          // the signal that ended it, or 0
  bool timed_out = false;  // we killed it at its deadline
  bool truncated = false;  // more output than max_output came
  std::string out;
  std::string err;

  [[nodiscard]] bool ok() const { return exit_code == 0 && signal == 0 && !timed_out; }
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Errors: Errc::io when the program cannot be started at all; everything else is in ProcessEnd.
  [[nodiscard]] virtual Result<ProcessEnd> run(const ProcessSpec& spec) = 0;
};

// fork/exec with every other descriptor closed, own process group, PDEATHSIG=SIGKILL.
class SystemProcesses final : public Processes {
 public:
  SystemProcesses();
  [[nodiscard]] Result<ProcessEnd> run(const ProcessSpec& spec) override;
  // Ends the children that run, as if their time were up, and later ones as soon as they do.
  void end_all();

 private:
  Fd ending_;  // an eventfd, readable for good once all are to end
};

}  // namespace kiln
