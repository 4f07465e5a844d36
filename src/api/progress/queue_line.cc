#include "api/progress/queue_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/progress/claim_order.h"

namespace kiln::api::progress {
namespace {

// What is known while the future is played through.
struct Play {
  std::vector<std::optional<TimeMs>> slots;         // when each is free; nothing: not known
  std::map<Lane, std::optional<TimeMs>> lane_free;  // of lanes that have run
  std::map<Lane, Uuid> lane_last;
};

std::optional<TimeMs> usual_of(const store::OpenBuild& build, const LineFacts& facts) {
  const auto usual = facts.usual_ms.find(build.worker_tag);
  return usual == facts.usual_ms.end() ? std::nullopt : std::optional(usual->second);
}

// What is not known comes last.
bool is_earlier(const std::optional<TimeMs>& a, const std::optional<TimeMs>& b) {
  return a && (!b || *a < *b);
}

void take(Play& play, const store::OpenBuild& build, std::optional<TimeMs> starts, const LineFacts& facts) {
  const std::optional<TimeMs> usual = usual_of(build, facts);
  const std::optional<TimeMs> ends =
      starts && usual ? std::optional(std::max(facts.now, *starts + *usual)) : std::nullopt;
  const auto slot = std::min_element(play.slots.begin(), play.slots.end(), is_earlier);
  if (slot != play.slots.end()) *slot = ends;
  play.lane_free[lane_of(build)] = ends;
  play.lane_last[lane_of(build)] = build.uuid;
}

std::string ordinal_words(int position) {
  return position == 1 ? "It is the next" : fmt::format("{} are taken before it", position - 1);
}

void explain(WaitingBuild& build, const LineFacts& facts, bool slot_is_free) {
  if (facts.no_minutes) {
    build.reason = WaitReason::minutes;
    build.sentence = *facts.no_minutes;
  } else if (facts.no_builds) {
    build.reason = facts.no_builds->starts_with("no runner") ? WaitReason::no_runner : WaitReason::paused;
    build.sentence = *facts.no_builds;
  } else if (build.behind) {
    build.reason = WaitReason::branch;
    build.sentence = "An older build of its trigger and branch is not over yet.";
  } else if (!slot_is_free) {
    build.reason = WaitReason::slots;
    build.sentence = fmt::format("{} of {} builds run that may at once. {}.", facts.slots, facts.slots,
                                 ordinal_words(build.position));
  } else {
    build.reason = build.position == 1 ? WaitReason::next : WaitReason::slots;
    build.sentence = ordinal_words(build.position) + ".";
  }
}

}  // namespace

std::string_view to_string(WaitReason reason) {
  switch (reason) {
    case WaitReason::no_runner:
      return "no_runner";
    case WaitReason::paused:
      return "paused";
    case WaitReason::slots:
      return "slots";
    case WaitReason::branch:
      return "branch";
    case WaitReason::minutes:
      return "minutes";
    case WaitReason::approval:
      return "approval";
    case WaitReason::next:
      return "next";
  }
  return {};
}

std::vector<WaitingBuild> line_of(const std::vector<store::OpenBuild>& open, const LineFacts& facts) {
  Play play;
  play.slots.assign(static_cast<std::size_t>(std::max(facts.slots, 1)), facts.now);
  ClaimOrder order(open);
  int running = 0;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (!open[i].leased) continue;
    ++running;
    order.runs(i);
    take(play, open[i], open[i].initializing_on, facts);
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (!open[i].leased && !open[i].waits_for_approval) order.waits(i);
  }
  std::vector<WaitingBuild> line;
  while (!order.empty()) {
    WaitingBuild build;
    build.index = order.take();
    build.position = static_cast<int>(line.size()) + 1;
    const Lane lane = lane_of(open[build.index]);
    std::optional<TimeMs> starts = *std::min_element(play.slots.begin(), play.slots.end(), is_earlier);
    if (const auto last = play.lane_last.find(lane); last != play.lane_last.end()) {
      build.behind = last->second;
      const std::optional<TimeMs> free = play.lane_free[lane];
      starts = starts && free ? std::optional(std::max(*starts, *free)) : std::nullopt;
    }
    if (!facts.no_builds && !facts.no_minutes) build.starts_on = starts;
    explain(build, facts, running < facts.slots);
    take(play, open[build.index], starts, facts);
    line.push_back(std::move(build));
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i].leased || !open[i].waits_for_approval) continue;
    WaitingBuild build;
    build.index = i;
    build.position = static_cast<int>(line.size()) + 1;
    build.reason = WaitReason::approval;
    build.sentence = "A maintainer has yet to approve it: it comes from a fork.";
    line.push_back(std::move(build));
  }
  return line;
}

}  // namespace kiln::api::progress
