// Whether a process still takes what comes in: a connection to its socket with an empty line, which an HTTP
// server reads and skips when its loop turns. It makes no request, so no script runs for it. Belongs to one
// thread; never blocks.
#pragma once

#include <string>

#include "base/fs.h"

namespace kiln::serving {

class Pulse {
 public:
  // Begins to wait for a sign of life; a wait that was going on ends.
  void begin(std::string socket_path);
  void end();
  [[nodiscard]] bool waiting() const { return waiting_; }
  // True once the process has read the line.
  [[nodiscard]] bool felt();

 private:
  void try_to_send();

  std::string path_;
  Fd socket_;
  bool waiting_ = false;
  bool sent_ = false;  // a full queue takes no connection: it is tried again at each look
};

}  // namespace kiln::serving
