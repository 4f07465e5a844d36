// A server in this process, for one build: gives out that one job, writes its log to a file descriptor as
// one JSON array a line, [milliseconds, text, "service" or "build"], and keeps how it ended. Owned by
// local_build.cc or a test, outlives the runner's service; its clients are used from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "model/job.h"
#include "runner/server/server_client.h"

namespace kiln::runner {

class LocalServer final : public ServerClients {
 public:
  // `on_over` runs once, on the build's thread, when its end is known. `output` stays the caller's.
  LocalServer(model::JobSpec job, int output, std::function<void()> on_over)
      : job_(std::move(job)), output_(output), on_over_(std::move(on_over)) {}

  [[nodiscard]] std::unique_ptr<ServerClient> make() override;

  // False after the end: the machine cannot take a build, and the end's reason says why.
  [[nodiscard]] bool was_given() const;
  // Nothing while it is not over.
  [[nodiscard]] std::optional<model::JobEnd> end() const;

 private:
  class Client;

  std::optional<model::JobSpec> give();
  Status write_lines(const wire::LogCall& call);
  Status write_text(std::string_view text) const;
  Status finish(const model::JobEnd& end);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  const model::JobSpec job_;
  const int output_;
  const std::function<void()> on_over_;
  int last_seq_ = 0;
  bool given_ = false;
  std::optional<model::JobEnd> end_;
};

}  // namespace kiln::runner
