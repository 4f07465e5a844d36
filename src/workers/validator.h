// The port that starts an upload once, before anything of it is stored, so that what was taken is known to
// start. Owned by app; any thread. A call blocks until the program has started or failed to.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/worker.h"
#include "workers/bindings.h"
#include "workers/multipart.h"

namespace kiln::workers {

struct Candidate {
  // Not stored yet: without an id; modules[n] is program[n], its blob empty.
  const model::Version& version;
  const std::vector<Part>& program;
  const Secrets& secrets;
};

// What a start told of the program.
struct Started {
  int ms = 0;                            // from its start until it took requests
  std::vector<std::string> entrypoints;  // see model::Version
};

class Validator {
 public:
  virtual ~Validator() = default;
  // Errors: Errc::script_invalid with the runtime's
  // own words when the program does not start, or as check_compatibility; Errc::unavailable when it could not
  // be tried.
  [[nodiscard]] virtual Result<Started> validate(const Candidate& candidate) = 0;
  // Whether a Worker may be run with these: a date, and a JSON list of flags. What the runtime takes only as
  // an experiment (unsafe evaluation and its like among it) may break or be taken away, and is refused.
  // Errors: Errc::script_invalid, field compatibility_flags, naming the flags; the runtime's own words where
  // it knows one or the date not at all; Errc::unavailable.
  [[nodiscard]] virtual Status check_compatibility(const std::string& date,
                                                   const std::string& flags_json) = 0;
};

}  // namespace kiln::workers
