// What a row of the outbox says happened. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace kiln::model {

// Of a build: its statuses, each as it is entered; a version that it uploaded; a pull request that it was
// found to belong to; the loss of its runner. Of a Worker: a deployment, and the end of a named preview. Of
// an account: a delivery whose signature was refused.
enum class Happening {
  queued,
  initializing,
  running,
  stopped,
  uploaded,
  linked,
  runner_lost,
  deployed,
  preview_ended,
  delivery_refused,
  disk_low,  // of the server; of no build and no Worker
};

[[nodiscard]] std::string_view to_string(Happening move);
[[nodiscard]] std::optional<Happening> parse_happening(std::string_view text);

// Whether a source host shows something else of the build, or of its pull request, since then.
[[nodiscard]] bool is_reported(Happening move);

}  // namespace kiln::model
