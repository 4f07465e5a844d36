// What others can be told happened: the events of builds, as Workers Builds names them, and Kiln's own in the
// same envelope. Values and pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/build.h"
#include "model/happening.h"

namespace kiln::model {

enum class EventKind {
  // of Workers Builds
  build_started,
  build_failed,
  build_canceled,
  build_succeeded,
  // Kiln's own
  build_queued,
  build_skipped,
  version_created,
  deployment_created,
  preview_ended,
  runner_lost,
  delivery_refused,
  disk_low,
  sink_test,
};

// As an event says it: "cf.workersBuilds.worker.build.started", "kiln.build.queued".
[[nodiscard]] std::string_view type_of(EventKind kind);
// As a subscription or a sink asks for it: "build.started"; Kiln's own as above.
[[nodiscard]] std::string_view name_of(EventKind kind);
// Of a name. What nobody can ask for, a sink's test, is none.
[[nodiscard]] std::optional<EventKind> event_of_name(std::string_view name);
// All names, in the order above.
[[nodiscard]] const std::vector<std::string_view>& event_names();
// Whether it says how a build ended.
[[nodiscard]] bool is_ending(EventKind kind);

// What a move is told as; nothing: it is told nobody. `outcome` of the build.
[[nodiscard]] std::optional<EventKind> event_of(Happening move, std::optional<BuildOutcome> outcome);

struct Event {
  EventKind kind = EventKind::sink_test;
  std::string account_id;
  std::string worker_name;  // empty: of the account
  TimeMs made_on = 0;
  std::optional<Build> build;  // as it is now; what came after the event is not told
  std::string
      detail;  // the version, deployment, preview or delivery that it is about; of disk_low the free bytes
};

}  // namespace kiln::model
