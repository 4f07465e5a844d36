// One version as the runtimes know it, and the process that serves it, if any. Only for the runtimes: fields
// up to `not_before` belong to their mutex, the others to their keeper's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serving/lines.h"
#include "serving/prepare.h"
#include "serving/pulse.h"
#include "serving/runtimes.h"
#include "serving/sockets.h"
#include "serving/spawn.h"

namespace kiln::serving {

using SteadyTime = std::chrono::steady_clock::time_point;
using Ready = std::function<void(Result<Endpoint>)>;

// Who uses a process now. Outlives it: the last user may be gone later. Grows only under the mutex.
struct Usage {
  std::atomic<int> users{0};
  std::atomic<SteadyTime> last_used{std::chrono::steady_clock::now()};
  std::atomic<bool> outdated{false};  // made from settings that have changed: nobody new uses it
};

enum class Stage {
  preparing,  // its files are being laid out
  wanted,     // ready to be started
  starting,   // there is a process; it does not listen yet
  running,
  resting,  // no process, and none before not_before
};

struct Instance {
  explicit Instance(Uuid id) : version(id) {}

  Uuid version;
  Stage stage = Stage::preparing;
  std::shared_ptr<Usage> usage = std::make_shared<Usage>();
  std::vector<Ready> waiting;
  std::optional<Prepared> prepared;
  std::optional<Error> refused;  // why it could not be prepared
  bool unwanted = false;         // what it serves is gone
  SteadyTime not_before;

  std::optional<Sockets> sockets;
  std::optional<Spawned> process;
  std::optional<Error> killed_for;  // it was still starting at its limit
  Pulse pulse;
  SteadyTime pulse_since;  // of the last pulse, felt or not
  bool hung = false;       // killed because its pulse was not felt
  unsigned slot = 0;
  int failures = 0;  // in a row
  SteadyTime since;  // of its process's start
  Lines out;
  Lines err;
  std::string said;
  std::string last_words;  // the end of what it wrote to stderr while it started

  [[nodiscard]] bool is_unused() const { return usage->users == 0 && waiting.empty(); }
};

}  // namespace kiln::serving
