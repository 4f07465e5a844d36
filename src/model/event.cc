#include "model/event.h"

#include <algorithm>
#include <array>

namespace kiln::model {
namespace {

struct KnownEvent {
  EventKind kind;
  std::string_view type;
  std::string_view name;
};

constexpr std::array kKnownEvents = {
    KnownEvent{EventKind::build_started, "cf.workersBuilds.worker.build.started", "build.started"},
    KnownEvent{EventKind::build_failed, "cf.workersBuilds.worker.build.failed", "build.failed"},
    KnownEvent{EventKind::build_canceled, "cf.workersBuilds.worker.build.canceled", "build.canceled"},
    KnownEvent{EventKind::build_succeeded, "cf.workersBuilds.worker.build.succeeded", "build.succeeded"},
    KnownEvent{EventKind::build_queued, "kiln.build.queued", "kiln.build.queued"},
    KnownEvent{EventKind::build_skipped, "kiln.build.skipped", "kiln.build.skipped"},
    KnownEvent{EventKind::version_created, "kiln.version.created", "kiln.version.created"},
    KnownEvent{EventKind::deployment_created, "kiln.deployment.created", "kiln.deployment.created"},
    KnownEvent{EventKind::preview_ended, "kiln.preview.ended", "kiln.preview.ended"},
    KnownEvent{EventKind::runner_lost, "kiln.runner.lost", "kiln.runner.lost"},
    KnownEvent{EventKind::delivery_refused, "kiln.delivery.refused", "kiln.delivery.refused"},
    KnownEvent{EventKind::disk_low, "kiln.disk.low", "kiln.disk.low"},
    KnownEvent{EventKind::sink_test, "kiln.sink.test", {}},
};

const KnownEvent& known(EventKind kind) {
  return *std::find_if(kKnownEvents.begin(), kKnownEvents.end(),
                       [&](const KnownEvent& one) { return one.kind == kind; });
}

EventKind ending_of(BuildOutcome outcome) {
  switch (outcome) {
    case BuildOutcome::success:
      return EventKind::build_succeeded;
    case BuildOutcome::skipped:
      return EventKind::build_skipped;
    case BuildOutcome::cancelled:
      return EventKind::build_canceled;
    case BuildOutcome::fail:
    case BuildOutcome::terminated:
      break;
  }
  return EventKind::build_failed;
}

}  // namespace

std::string_view type_of(EventKind kind) {
  return known(kind).type;
}

std::string_view name_of(EventKind kind) {
  return known(kind).name;
}

std::optional<EventKind> event_of_name(std::string_view name) {
  for (const KnownEvent& one : kKnownEvents) {
    if (!name.empty() && one.name == name) return one.kind;
  }
  return std::nullopt;
}

const std::vector<std::string_view>& event_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    for (const KnownEvent& one : kKnownEvents) {
      if (!one.name.empty()) out.push_back(one.name);
    }
    return out;
  }();
  return names;
}

bool is_ending(EventKind kind) {
  return kind == EventKind::build_failed || kind == EventKind::build_canceled ||
         kind == EventKind::build_succeeded || kind == EventKind::build_skipped;
}

std::optional<EventKind> event_of(Happening move, std::optional<BuildOutcome> outcome) {
  switch (move) {
    case Happening::queued:
      return EventKind::build_queued;
    case Happening::running:
      return EventKind::build_started;
    case Happening::stopped:
      return ending_of(outcome.value_or(BuildOutcome::terminated));
    case Happening::uploaded:
      return EventKind::version_created;
    case Happening::runner_lost:
      return EventKind::runner_lost;
    case Happening::deployed:
      return EventKind::deployment_created;
    case Happening::preview_ended:
      return EventKind::preview_ended;
    case Happening::delivery_refused:
      return EventKind::delivery_refused;
    case Happening::disk_low:
      return EventKind::disk_low;
    case Happening::initializing:
    case Happening::linked:
      break;
  }
  return std::nullopt;
}

}  // namespace kiln::model
