// A build that is over, as one trace in the JSON of OTLP 1.x: the build, its wait in the queue, each step of
// each attempt, each version that it uploaded. Pure function: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "store/story_store.h"

namespace kiln::events {

struct TracedUpload {
  Uuid version;
  TimeMs stored_on = 0;
  TimeMs tried_ms = 0;  // how long it was tried before
};

// The body of an ExportTraceServiceRequest. `program_version` is the server's.
[[nodiscard]] std::string otlp_trace(const store::BuildStory& story, const std::vector<TracedUpload>& uploads,
                                     std::string_view program_version);

}  // namespace kiln::events
