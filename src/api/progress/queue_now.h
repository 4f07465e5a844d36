// The queue of an account as it is now. Any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/progress/queue_line.h"
#include "api/progress/routes.h"

namespace kiln::api::progress {

struct QueueNow {
  std::vector<store::OpenBuild> open;  // not over, oldest first, the first kMostOpen
  std::vector<WaitingBuild> line;      // those of them that wait
  int slots = 1;
  std::optional<std::string> no_builds;
};
inline constexpr int kMostOpen = 1'000;

[[nodiscard]] Result<QueueNow> queue_now(const ProgressDeps& deps, const std::string& account_id);

// Waiting of the API's document.
[[nodiscard]] boost::json::object waiting_json(const WaitingBuild& waiting);
// The same of one build; null when it does not wait.
[[nodiscard]] boost::json::value waiting_json(const QueueNow& queue, const Uuid& build);
// QueueStrip of the API's document. Counts alone: it costs the same whatever waits.
[[nodiscard]] Result<boost::json::object> strip_json(const ProgressDeps& deps, const std::string& account_id);

}  // namespace kiln::api::progress
