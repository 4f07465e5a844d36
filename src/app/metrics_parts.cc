#include "app/metrics_parts.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/version.h"
#include "metrics/process_readings.h"
#include "metrics/store_readings.h"

namespace kiln::app {
namespace {

double seconds_between(TimeMs from, TimeMs to) {
  return static_cast<double>(std::max<TimeMs>(to - from, 0)) / 1000.0;
}

}  // namespace

MetricsParts::MetricsParts(Parts parts)
    : parts_(std::move(parts)),
      gauges_(parts_.database),
      counts_({.per_worker = parts_.per_worker}),
      exposition_(counts_) {
  parts_.database.watch_writes([this](double seconds, bool busy) {
    counts_.written(seconds);
    if (busy) counts_.was_busy();
  });
  exposition_.add([this](std::vector<metrics::Reading>& out) { read_server(out); });
  exposition_.add(metrics::read_process);
  router_.add("GET", "/metrics", {.max_body = 0, .work = http::Work::read},
              [this](const http::Request& request) -> http::Reply {
                const metrics::Form form = metrics::form_for(request.header("accept"));
                return http::Response{200,
                                      {{"content-type", metrics::content_type(form)},
                                       {"cache-control", "no-store"},
                                       {"x-content-type-options", "nosniff"}},
                                      exposition_.write(form)};
              });
}

void MetricsParts::read_server(std::vector<metrics::Reading>& out) {
  const auto add = [&out](const char* name, const char* help, double value) {
    out.push_back({name, help, {{value, {}}}});
  };
  out.push_back({"kiln_build_info", "The version of this server.", {{1, {{"version", kVersion}}}}});
  if (const Result<store::Gauges> now = gauges_.gauges(); now) {
    metrics::read_store(*now, parts_.clock.now(), out);
  } else {
    log::warn("metrics are left out reason={}", log::quoted(now.error().message));
  }
  double alive = 0;
  double taking = 0;
  for (const api::RunnerNotes::Look& runner : parts_.notes.runners()) {
    if (runner.silent) continue;
    ++alive;
    if (runner.why.empty() && !parts_.notes.is_draining()) ++taking;
  }
  add("kiln_alive_runners", "Runners that have called lately.", alive);
  add("kiln_accepting_runners", "Of those, the ones that take builds.", taking);
  add("kiln_worker_processes", "Processes of Workers that run.", parts_.worker_processes());
  std::error_code error;
  const std::filesystem::space_info disk = std::filesystem::space(parts_.data, error);
  if (error) return;
  add("kiln_disk_free_bytes", "What the server may still store on the data directory's disk.",
      static_cast<double>(disk.available));
  add("kiln_disk_size_bytes", "Size of that disk.", static_cast<double>(disk.capacity));
}

void MetricsParts::handed_on(const std::vector<store::OutboxRow>& rows) {
  for (const store::OutboxRow& row : rows) {
    if (row.move == model::Happening::runner_lost) counts_.runner_lost();
    if (row.move == model::Happening::stopped) count_end(row);
  }
}

void MetricsParts::count_end(const store::OutboxRow& row) {
  const Result<store::BuildStory> story = parts_.stories.story(row.account_id, row.build);
  if (!story) {
    if (story.error().code != Errc::not_found)
      log::warn("a build is not counted build={} reason={}", row.build.str(),
                log::quoted(story.error().message));
    return;
  }
  const model::Build& build = story->note.row.build;
  if (build.outcome) counts_.build_ended({row.account_id, row.worker_name}, *build.outcome);
  if (!story->steps.empty())
    counts_.build_waited(seconds_between(build.created_on, story->steps.front().started_on));
  for (const model::BuildStep& step : story->steps) {
    if (step.stopped_on)
      counts_.step_ended(step.step, step.state, seconds_between(step.started_on, *step.stopped_on));
  }
  for (const model::CacheUse& use : story->caches) counts_.cache_used(use);
}

// The template says which route it is; the path may hold what is nobody's to read.
void MetricsParts::answered(const http::Answered& answered) {
  const http::Route* route = answered.route;
  const double seconds = static_cast<double>(answered.microseconds) / 1e6;
  counts_.request(route, route == nullptr ? "none" : std::string_view(route->method),
                  route == nullptr ? "none" : std::string_view(route->pattern), answered.status,
                  answered.waited ? std::nullopt : std::optional(seconds));
  if (!log::is_written(log::Level::debug)) return;
  const log::RequestScope scope(answered.request.id);
  log::debug("answered method={} route={} status={} us={} peer={}", log::quoted(answered.request.method),
             log::quoted(route == nullptr ? "none" : route->pattern), answered.status, answered.microseconds,
             log::quoted(answered.request.peer));
}

void MetricsParts::came(const wire::ClaimCall& call) {
  counts_.sandboxes(call.runner_id, {call.sandboxes.prepared, call.sandboxes.used, call.sandboxes.dropped});
}

}  // namespace kiln::app
