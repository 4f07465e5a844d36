#include "api/progress/log_marks.h"

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "api/progress/summary.h"
#include "base/strings.h"
#include "model/failure_words.h"
#include "model/log_search.h"
#include "model/log_text.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownOfAnError = 300;

// Calls `found(number, line without colours)` for lines from `from` on that look like errors; false ends it.
template <typename Found>
bool look_through(std::int64_t first, std::string_view text, std::int64_t from, const Found& found) {
  model::LogTextReader lines(text);
  for (std::int64_t number = first; const auto line = lines.next(); ++number) {
    // A command that has the word in it has not failed by that.
    if (number < from || (line->service && line->text.starts_with(model::kExecuting))) continue;
    // Most lines have no colour and need no copy.
    std::string plain;
    std::string_view seen = line->text;
    if (seen.find('\x1b') != seen.npos) seen = plain = model::without_colours(seen);
    if (model::looks_like_an_error(seen) && !found(number, seen)) return false;
  }
  return true;
}

}  // namespace

Marks LogMarks::known(const Uuid& build) {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->build != build) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entries_.front().marks;
  }
  return {};
}

void LogMarks::remember(const Uuid& build, const Marks& marks) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.build != build) continue;
    if (entry.marks.total < marks.total) entry.marks = marks;
    return;
  }
  entries_.push_front({build, marks});
  if (entries_.size() > kRemembered) entries_.pop_back();
}

Result<Marks> LogMarks::of(store::LogStore& logs, const Uuid& build) {
  Marks marks = known(build);
  const std::int64_t from = marks.total + 1;
  Result<std::int64_t> total = logs.walk(build, from, [&](std::int64_t first, std::string_view text) {
    return look_through(first, text, from, [&marks](std::int64_t number, std::string_view line) {
      ++marks.count;
      if (marks.errors.size() < kMostErrors)
        marks.errors.push_back({number, to_valid_utf8(line.substr(0, kShownOfAnError))});
      return true;
    });
  });
  if (!total) return tl::unexpected<Error>(total.error());
  if (*total != marks.total) {
    marks.total = *total;
    remember(build, marks);
  }
  return marks;
}

Result<std::int64_t> LogMarks::first_error(store::LogStore& logs, const Uuid& build, std::int64_t from) {
  std::int64_t found = 0;
  Result<std::int64_t> total = logs.walk(build, from, [&](std::int64_t first, std::string_view text) {
    return look_through(first, text, from, [&found](std::int64_t number, std::string_view) {
      found = number;
      return false;
    });
  });
  if (!total) return total;
  return found;
}

namespace {

// Where to begin to read a build that failed; 0: nowhere in particular.
Result<std::int64_t> opening_line(const ProgressDeps& deps, const store::BuildStory& story,
                                  const Marks& marks) {
  const model::Build& build = story.note.row.build;
  const bool failed =
      build.outcome == model::BuildOutcome::fail || build.outcome == model::BuildOutcome::terminated;
  if (!failed || marks.total == 0) return 0;
  std::int64_t from = 1;
  std::int64_t end = marks.total;  // the last line of the step
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    const bool bad = story.steps[i].state == model::StepState::failed ||
                     (story.steps[i].state == model::StepState::stopped && i + 1 == story.steps.size());
    if (bad) from = story.steps[i].first_line;
  }
  for (const ErrorLine& error : marks.errors) {
    if (error.number >= from) return error.number;
  }
  if (marks.count > static_cast<std::int64_t>(marks.errors.size())) {
    Result<std::int64_t> later = LogMarks::first_error(deps.logs, build.uuid, from);
    if (!later || *later > 0) return later;
  }
  return std::max(end, std::int64_t{1});
}

Result<http::Reply> marks(const ProgressDeps& deps, LogMarks& kept, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::BuildStory> story = deps.stories.story(call.account_id, *uuid);
  if (!story) return tl::unexpected<Error>(story.error());
  const Result<Marks> found = kept.of(deps.logs, *uuid);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::int64_t> open = opening_line(deps, *story, *found);
  if (!open) return tl::unexpected<Error>(open.error());
  json::array steps;
  for (const model::BuildStep& step : story->steps) steps.push_back(step_json(step));
  json::array errors;
  for (const ErrorLine& error : found->errors)
    errors.push_back({{"line", error.number}, {"text", error.text}});
  return success_response({{"total", found->total},
                           {"complete", model::is_over(story->note.row.build.status)},
                           {"steps", std::move(steps)},
                           {"errors", std::move(errors)},
                           {"error_count", found->count},
                           {"first_error", *open == 0 ? json::value(nullptr) : json::value(*open)}});
}

}  // namespace

void add_log_marks(Adder& routes, const Deps& deps) {
  const auto kept = std::make_shared<LogMarks>();
  routes.add(
      "GET", "/builds/{build_uuid}/logs/marks", Needs::ci_read,
      [deps, kept](const Call& call) { return marks(*deps, *kept, call); }, kPolled);
}

}  // namespace kiln::api::progress
