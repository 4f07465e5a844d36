#include "events/reports/build_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/duration_words.h"
#include "base/printable.h"
#include "events/reports/annotations.h"
#include "model/log_search.h"
#include "model/log_text.h"

namespace kiln::events {
namespace {

constexpr std::int64_t kTailLines = 100;
constexpr std::size_t kTailBytes = 30'000;
// Of a step that failed, so many lines are looked at for faults.
constexpr std::int64_t kLookedAtLines = 50'000;

std::string short_commit(const model::Build& build) {
  return build.metadata.commit_hash.substr(0, 7);
}

std::string duration_of(const model::Build& build) {
  if (!build.stopped_on || !build.initializing_on) return {};
  return duration_words(*build.stopped_on - *build.initializing_on);
}

// Where the step begins in which a build ended; 1 where that is not known.
std::int64_t first_line_of_end(const std::vector<model::BuildStep>& steps) {
  std::int64_t first = 1;
  for (const model::BuildStep& step : steps) {
    if (step.state == model::StepState::failed || step.state == model::StepState::stopped)
      first = std::max<std::int64_t>(step.first_line, 1);
  }
  return first;
}

std::string tail_text(const std::vector<model::LogLine>& lines) {
  std::string text;
  for (const model::LogLine& line : lines) text += model::without_colours(line.text) + "\n";
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

model::ReportState report_state(const model::Build& build, model::EndCause cause) {
  using model::ReportState;
  switch (build.status) {
    case model::BuildStatus::queued:
      return build.waits_for_approval ? ReportState::waiting_for_approval : ReportState::queued;
    case model::BuildStatus::initializing:
    case model::BuildStatus::running:
      return ReportState::running;
    case model::BuildStatus::stopped:
      break;
  }
  switch (build.outcome.value_or(model::BuildOutcome::terminated)) {
    case model::BuildOutcome::success:
      return ReportState::success;
    case model::BuildOutcome::fail:
      return ReportState::failure;
    case model::BuildOutcome::skipped:
      return ReportState::skipped;
    case model::BuildOutcome::cancelled:
      return ReportState::cancelled;
    case model::BuildOutcome::terminated:
      break;
  }
  return cause == model::EndCause::time_limit ? ReportState::timed_out : ReportState::failure;
}

std::string report_sentence(const model::Build& build, model::ReportState state, const std::string& words) {
  const std::string took = duration_of(build);
  const std::string in = took.empty() ? "" : " in " + took;
  switch (state) {
    case model::ReportState::queued:
      return fmt::format("The build of {} is queued.", short_commit(build));
    case model::ReportState::waiting_for_approval:
      return fmt::format("The build of {} waits until somebody approves this commit.", short_commit(build));
    case model::ReportState::running:
      return fmt::format("The build of {} runs.", short_commit(build));
    case model::ReportState::success:
      return build.version_ids.empty() ? fmt::format("The build completed{}; it uploaded no version.", in)
                                       : fmt::format("The build completed{}.", in);
    case model::ReportState::failure:
    case model::ReportState::cancelled:
    case model::ReportState::timed_out:
    case model::ReportState::skipped:
      break;
  }
  if (!words.empty()) return words;
  return fmt::format("The build ended{}: {}.", in, to_string(*build.outcome));
}

// Tools name their faults long before the last lines, where they sum up.
Result<std::vector<model::Annotation>> BuildReports::annotations(const std::string& account_id,
                                                                 const model::Build& build) {
  const Result<store::BuildStory> story = parts_.stories.story(account_id, build.uuid);
  if (!story) return tl::unexpected<Error>(story.error());
  const std::int64_t from = first_line_of_end(story->steps);
  AnnotationReader reader(build.metadata.root_directory);
  const Result<std::int64_t> total =
      parts_.logs.walk(build.uuid, from, [&](std::int64_t first, std::string_view text) {
        model::LogTextReader lines(text);
        std::int64_t number = first;
        for (; const auto line = lines.next(); ++number) {
          if (number >= from) reader.read(line->text, line->service);
        }
        return !reader.is_full() && number < from + kLookedAtLines;
      });
  if (!total) return tl::unexpected<Error>(total.error());
  return reader.take();
}

Result<model::BuildReport> BuildReports::report(const std::string& account_id, const Uuid& uuid) {
  const Result<store::BuildNote> note = parts_.stories.note(account_id, uuid);
  if (!note) return tl::unexpected<Error>(note.error());
  const store::BuildRow* row = &note->row;
  const model::Build& build = row->build;
  model::BuildReport report;
  report.build = uuid;
  report.worker_name = row->worker_name;
  report.branch = build.metadata.branch;
  report.commit = build.metadata.commit_hash;
  report.state = report_state(build, note->words.cause);
  report.created_on = build.created_on;
  report.started_on = build.initializing_on;
  report.stopped_on = build.stopped_on;
  const std::string base = parts_.public_url();
  report.worker_url =
      fmt::format("{}/{}/workers/services/view/{}/production", base, account_id, row->worker_name);
  report.build_url = fmt::format("{}/builds/{}", report.worker_url, uuid.str());
  report.details_url = fmt::format("{}/?to=/{}/workers/services/view/{}/production/builds/{}", base,
                                   account_id, row->worker_name, uuid.str());
  if (!build.version_ids.empty()) {
    const Addresses found = parts_.addresses(build, row->worker_name);
    report.version = {build.previewed.value_or(build.version_ids.back()), found.version, found.alias};
  }
  std::vector<model::LogLine> lines;
  if (model::is_final(report.state)) {
    const Result<std::int64_t> total = parts_.logs.count(uuid);
    if (!total) return tl::unexpected<Error>(total.error());
    const store::LineRange last{store::LineRange::Side::before, *total + 1, kTailLines};
    Result<store::LogWindow> window = parts_.logs.lines(uuid, last, kTailBytes);
    if (!window) return tl::unexpected<Error>(window.error());
    lines = std::move(window->lines);
  }
  report.sentence = report_sentence(build, report.state, printable(note->words.sentence));
  if (build.outcome == model::BuildOutcome::terminated) report.reason = report.sentence;
  report.log_tail = tail_text(lines);
  if (report.state == model::ReportState::failure) {
    Result<std::vector<model::Annotation>> found = annotations(account_id, build);
    if (!found) return tl::unexpected<Error>(found.error());
    report.annotations = std::move(*found);
  }
  return report;
}

}  // namespace kiln::events
