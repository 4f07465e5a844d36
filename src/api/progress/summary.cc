#include "api/progress/summary.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/duration_words.h"
#include "base/time_format.h"
#include "wire/or_null.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

json::value measured(const std::optional<std::int64_t>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::optional<TimeMs> duration_of(const model::Build& build, TimeMs now) {
  if (!build.initializing_on) return std::nullopt;
  return std::max<TimeMs>(0, build.stopped_on.value_or(now) - *build.initializing_on);
}

std::string success_words(const model::Build& build, TimeMs now) {
  const std::string took = duration_words(duration_of(build, now).value_or(0));
  const std::size_t versions = build.version_ids.size();
  if (versions == 0) return fmt::format("Built in {}; no version was uploaded.", took);
  if (versions == 1) return fmt::format("Built and deployed in {}.", took);
  return fmt::format("Built and deployed in {}: {} versions.", took, versions);
}

std::string_view words_of(model::StepName step) {
  switch (step) {
    case model::StepName::initialize:
      return "Its sandbox starts.";
    case model::StepName::clone:
      return "The commit is being checked out.";
    case model::StepName::restore:
      return "Caches are being unpacked.";
    case model::StepName::tools:
      return "Its tools are being found.";
    case model::StepName::install:
      return "Dependencies are being installed.";
    case model::StepName::build:
      return "The build command runs.";
    case model::StepName::deploy:
      return "The deploy command runs.";
    case model::StepName::save:
      return "Caches are being saved.";
  }
  return {};
}

std::string end_words(const store::BuildNote& note, TimeMs now) {
  const model::Build& build = note.row.build;
  if (build.outcome == model::BuildOutcome::success) return success_words(build, now);
  if (!note.words.sentence.empty()) return note.words.sentence;
  switch (build.outcome.value_or(model::BuildOutcome::fail)) {
    case model::BuildOutcome::success:
    case model::BuildOutcome::fail:
      return "The build failed; its log says why.";
    case model::BuildOutcome::skipped:
      return "Skipped; its log says why.";
    case model::BuildOutcome::cancelled:
      return "Cancelled.";
    case model::BuildOutcome::terminated:
      return "Ended before it was through; its log says why.";
  }
  return {};
}

}  // namespace

std::string sentence_of(const store::BuildNote& note, TimeMs now) {
  const model::Build& build = note.row.build;
  switch (build.status) {
    case model::BuildStatus::queued:
      return build.waits_for_approval ? "Waits for a maintainer's approval." : "Waits for a runner.";
    case model::BuildStatus::initializing:
    case model::BuildStatus::running:
      if (!note.leased) return "Its runner was lost; it waits for another one.";
      return std::string(note.step ? words_of(note.step->step) : "It starts.");
    case model::BuildStatus::stopped:
      return end_words(note, now);
  }
  return {};
}

json::object summary_json(const store::BuildNote& note, TimeMs now) {
  const model::Build& build = note.row.build;
  const model::BuildMetadata& metadata = build.metadata;
  json::array versions;
  for (const Uuid& version : build.version_ids) versions.emplace_back(version.str());
  const std::optional<TimeMs> duration = duration_of(build, now);
  const auto& failed = note.words.failed_step;
  return {
      {"build_uuid", build.uuid.str()},
      {"script_tag", build.worker_tag},
      {"worker_name", note.row.worker_name},
      {"status", to_string(build.status)},
      {"build_outcome", wire::word_or_null(build.outcome)},
      {"sentence", sentence_of(note, now)},
      {"failed_step", wire::word_or_null(failed)},
      {"attempt", note.attempt},
      {"build_trigger_source", to_string(metadata.source)},
      {"branch", metadata.branch},
      {"commit_hash", metadata.commit_hash},
      {"commit_message", metadata.commit_message},
      {"author", metadata.author},
      {"restricted", build.restricted},
      {"pull_request_url", build.pull_request ? json::value(build.pull_request->url) : json::value(nullptr)},
      {"created_on", format_rfc3339(build.created_on)},
      {"started_on", wire::time_or_null(build.initializing_on)},
      {"stopped_on", wire::time_or_null(build.stopped_on)},
      {"duration_ms", wire::number_or_null(duration)},
      {"version_ids", std::move(versions)},
  };
}

json::object step_json(const model::BuildStep& step) {
  return {
      {"step", model::to_string(step.step)},
      {"attempt", step.attempt},
      {"state", model::to_string(step.state)},
      {"started_on", format_rfc3339(step.started_on)},
      {"stopped_on", wire::time_or_null(step.stopped_on)},
      {"command", wire::text_or_null(step.command)},
      {"exit_code", wire::number_or_null(step.exit_code)},
      {"signal", wire::number_or_null(step.signal)},
      {"first_line", step.first_line},
  };
}

json::object usage_json(const store::BuildNote& note, TimeMs now) {
  const model::Build& build = note.row.build;
  TimeMs held = note.held_ms;
  if (!model::is_over(build.status) && build.initializing_on) held = now - *build.initializing_on;
  return {{"memory_peak_bytes", measured(build.usage.memory_peak)},
          {"cpu_ms", measured(build.usage.cpu_ms)},
          {"written_bytes", measured(build.usage.written)},
          {"processes_peak", measured(build.usage.processes_peak)},
          {"build_minutes", (std::max<TimeMs>(held, 0) + 59'999) / 60'000}};
}

json::object limits_json(const model::BuildMinutes& minutes) {
  return {{"has_reached_build_minutes_limit", minutes.is_reached()},
          {"build_minutes_refresh_on", format_rfc3339(minutes.month.end)},
          {"build_minutes_used", minutes.used()},
          {"build_minutes_limit", wire::number_or_null(minutes.quota)}};
}

}  // namespace kiln::api::progress
