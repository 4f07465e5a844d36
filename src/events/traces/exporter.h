// Tells an OpenTelemetry collector of builds that are over, over OTLP/HTTP in JSON, at least once each: a row
// goes when the collector has taken it. A collector that is away holds up nobody else. Owned by app; one
// thread (events/lanes.h), stop() from any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/http_client.h"
#include "events/lanes.h"
#include "events/traces/otlp.h"
#include "store/story_store.h"
#include "store/trace_store.h"

namespace kiln::events {

class TraceExporter {
 public:
  struct Parts {
    store::TraceStore& traces;
    store::StoryStore& stories;
    std::function<std::unique_ptr<HttpClient>()> http;
    std::string endpoint;       // http://127.0.0.1:4318/v1/traces
    std::string authorization;  // of the collector; empty: none
    std::string version;        // of this program
    // What a build uploaded, as far as it is there still.
    std::function<Result<std::vector<TracedUpload>>(const model::Build& build)> uploads;
  };
  explicit TraceExporter(Parts parts) : parts_(std::move(parts)) {}

  // Tells of the build that has been due for longest, if one is. What the collector refuses for good goes,
  // with a line in the log. Errors: those of the store.
  [[nodiscard]] Result<Lanes::Served> send_next();
  // What is under way ends within a second, and the next process sends it again.
  void stop() { stopping_ = true; }

 private:
  [[nodiscard]] Result<HttpResponse> post(const std::string& body);

  Parts parts_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace kiln::events
