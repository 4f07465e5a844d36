// What runs, what waits and why, and who runs it.
#include <boost/json.hpp>
#include <map>
#include <set>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "api/progress/queue_now.h"
#include "api/progress/summary.h"
#include "base/time_format.h"
#include "wire/or_null.h"

namespace kiln::api::progress {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostShownWaiting = 200;

}  // namespace

Result<QueueNow> queue_now(const ProgressDeps& deps, const std::string& account_id) {
  Result<std::vector<store::OpenBuild>> open = deps.stories.open_builds(account_id, kMostOpen);
  if (!open) return tl::unexpected<Error>(open.error());
  const Result<model::BuildMinutes> minutes = deps.queue.build_minutes(account_id);
  if (!minutes) return tl::unexpected<Error>(minutes.error());
  QueueNow queue{std::move(*open), {}, deps.queue.settings().concurrency, deps.runners.nobody_takes()};
  LineFacts facts;
  facts.slots = queue.slots;
  facts.no_builds = queue.no_builds;
  if (minutes->is_reached()) facts.no_minutes = model::words_for_reached(*minutes);
  facts.now = deps.clock.now();
  std::set<std::string> tags;
  for (const store::OpenBuild& build : queue.open) tags.insert(build.worker_tag);
  Result<std::map<std::string, TimeMs>> usual = deps.stories.usual_times(account_id, tags);
  if (!usual) return tl::unexpected<Error>(usual.error());
  facts.usual_ms = std::move(*usual);
  queue.line = line_of(queue.open, facts);
  return queue;
}

json::object waiting_json(const WaitingBuild& waiting) {
  return {{"reason", to_string(waiting.reason)},
          {"sentence", waiting.sentence},
          {"position", waiting.position},
          {"build_uuid", wire::uuid_or_null(waiting.behind)},
          {"expected_start_on", wire::time_or_null(waiting.starts_on)}};
}

json::value waiting_json(const QueueNow& queue, const Uuid& build) {
  for (const WaitingBuild& waiting : queue.line) {
    if (queue.open[waiting.index].uuid == build) return waiting_json(waiting);
  }
  return nullptr;
}

Result<json::object> strip_json(const ProgressDeps& deps, const std::string& account_id) {
  const Result<store::OpenCounts> counts = deps.stories.open_counts(account_id);
  if (!counts) return tl::unexpected<Error>(counts.error());
  return json::object{{"running", counts->running},
                      {"waiting", counts->waiting},
                      {"slots", deps.queue.settings().concurrency},
                      {"no_builds", wire::text_or_null(deps.runners.nobody_takes())}};
}

namespace {

Result<http::Reply> show_queue(const ProgressDeps& deps, const Call& call) {
  const Result<QueueNow> queue = queue_now(deps, call.account_id);
  if (!queue) return tl::unexpected<Error>(queue.error());
  std::vector<std::int64_t> shown;  // those that run, then those that wait
  for (const store::OpenBuild& build : queue->open) {
    if (build.leased) shown.push_back(build.number);
  }
  std::map<std::int64_t, json::object> waits;
  for (const WaitingBuild& build : queue->line) {
    if (waits.size() == kMostShownWaiting) break;
    shown.push_back(queue->open[build.index].number);
    waits[shown.back()] = waiting_json(build);
  }
  const Result<std::vector<store::BuildNote>> notes = deps.stories.notes_of(call.account_id, shown);
  if (!notes) return tl::unexpected<Error>(notes.error());
  const TimeMs now = deps.clock.now();
  json::array running;
  json::array waiting;
  for (const store::BuildNote& note : *notes) {
    if (const auto wait = waits.find(note.number); wait != waits.end()) {
      waiting.push_back({{"build", summary_json(note, now)}, {"waiting", wait->second}});
    } else {
      running.push_back(summary_json(note, now));
    }
  }
  return success_response({{"slots", queue->slots},
                           {"no_builds", wire::text_or_null(queue->no_builds)},
                           {"running", std::move(running)},
                           {"waiting", std::move(waiting)}});
}

Result<http::Reply> show_runners(const ProgressDeps& deps, const Call& call) {
  const Result<std::vector<store::BuildNote>> leased = deps.stories.leased_notes(call.account_id);
  if (!leased) return tl::unexpected<Error>(leased.error());
  const TimeMs now = deps.clock.now();
  json::array runners;
  for (const RunnerNotes::Look& runner : deps.runners.runners()) {
    json::array builds;
    for (const store::BuildNote& note : *leased) {
      if (note.runner_id == runner.id) builds.push_back(summary_json(note, now));
    }
    runners.push_back({{"runner_id", runner.id},
                       {"state", runner.silent        ? "silent"
                                 : runner.why.empty() ? "taking"
                                                      : "paused"},
                       {"why", wire::text_or_null(runner.why)},
                       {"builds", std::move(builds)}});
  }
  return success_response(runners);
}

}  // namespace

void add_queue(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/queue", Needs::ci_read, [deps](const Call& call) { return show_queue(*deps, call); }, kPolled);
  routes.add(
      "GET", "/runners", Needs::ci_read, [deps](const Call& call) { return show_runners(*deps, call); },
      kPolled);
}

}  // namespace kiln::api::progress
