// A build's log as it grows, as server-sent events: lines in batches, from the tail or a line on. A reader
// holds no thread between two batches: it waits on the build's topic.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>
#include <vector>

#include "api/progress/handlers.h"
#include "api/progress/summary.h"
#include "events/hub.h"
#include "wire/or_null.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

constexpr int kMostInABatch = 1'000;
constexpr int kUsualTail = 200;
constexpr std::int64_t kFarBehind = 5'000;
constexpr std::size_t kBatchBytes = 256U << 10U;
constexpr int kBetweenBatchesMs = 80;
constexpr int kStillHereMs = 15'000;
constexpr int kAskRunnersMs = 3'000;  // nobody tells of a runner in trouble
// Notified by nobody: who waits on it lets time pass.
constexpr const char* kPause = "pause";

class LiveLines {
 public:
  LiveLines(Deps deps, store::BuildRow row, std::int64_t next)
      : deps_(std::move(deps)), row_(std::move(row)), next_(next) {}

  http::StreamStep next() {
    const std::int64_t now = deps_->clock.monotonic_ms();
    if (now < quiet_until_) return {{}, http::Wait{kPause, static_cast<int>(quiet_until_ - now)}, false};
    // The build is looked at before its log, so that "over" means every line has been stored already.
    Result<store::BuildRow> row = deps_->builds.row(row_.build.account_id, row_.build.uuid);
    if (!row) return {error_event(row.error()), std::nullopt, true};
    http::StreamStep step;
    if (const Status told = tell_steps(step.piece); !told)
      return {error_event(told.error()), std::nullopt, true};
    if (const Status read = lines(model::is_over(row->build.status), step.piece); !read)
      return {error_event(read.error()), std::nullopt, true};
    if (behind_) return step;
    tell_state(row->build, step.piece);
    if (model::is_over(row->build.status)) {
      step.piece += event_text("end", "", state_json(row->build, "build_uuid", row->build.uuid.str()));
      step.end = true;
      return step;
    }
    if (!step.piece.empty()) {
      quiet_until_ = deps_->clock.monotonic_ms() + kBetweenBatchesMs;
      waited_ = false;
      return step;
    }
    if (waited_) step.piece = ": still here\n\n";
    waited_ = !waited_;
    if (step.piece.empty()) {
      const bool queued = row->build.status == model::BuildStatus::queued;
      step.wait = http::Wait{events::build_topic(row->build.uuid), queued ? kAskRunnersMs : kStillHereMs};
    }
    return step;
  }

 private:
  Status lines(bool complete, std::string& out) {
    using Side = store::LineRange::Side;
    Result<store::LogWindow> window =
        deps_->logs.lines(row_.build.uuid, {Side::from, next_, kMostInABatch}, kBatchBytes);
    if (window && window->total - next_ >= kFarBehind) {
      window =
          deps_->logs.lines(row_.build.uuid, {Side::before, window->total + 1, kMostInABatch}, kBatchBytes);
    }
    if (!window) return tl::unexpected<Error>(window.error());
    if (!window->lines.empty()) {
      next_ = window->first + static_cast<std::int64_t>(window->lines.size());
      out += event_text("lines", std::to_string(next_ - 1), window_json(*window, complete));
    }
    behind_ = next_ <= window->total;
    return {};
  }

  // Those that began or ended since.
  Status tell_steps(std::string& out) {
    Result<store::BuildStory> story = deps_->stories.story(row_.build.account_id, row_.build.uuid);
    if (!story) return tl::unexpected<Error>(story.error());
    for (const model::BuildStep& step : story->steps) {
      if (std::find(steps_.begin(), steps_.end(), step) == steps_.end())
        out += event_text("step", "", step_json(step));
    }
    steps_ = std::move(story->steps);
    return {};
  }

  void tell_state(const model::Build& build, std::string& out) {
    if (build.status == model::BuildStatus::queued) {
      const std::string why = deps_->runners.nobody_takes().value_or("");
      if (why != told_why_) out += event_text("waiting", "", {{"reason", wire::text_or_null(why)}});
      told_why_ = why;
    }
    if (build.status == told_) return;
    told_ = build.status;
    out += event_text("state", "", state_json(build, "status", std::string(to_string(build.status))));
  }

  static json::value state_json(const model::Build& build, std::string_view name, const std::string& value) {
    json::object state;
    state[name] = value;
    state["build_outcome"] = wire::word_or_null(build.outcome);
    return state;
  }

  Deps deps_;
  store::BuildRow row_;
  std::int64_t next_;
  std::optional<model::BuildStatus> told_{};
  std::string told_why_{};
  std::vector<model::BuildStep> steps_{};  // that were told
  bool behind_ = false;
  bool waited_ = false;
  std::int64_t quiet_until_ = 0;
};

// A number from 0 on. Errors: Errc::invalid naming it.
Result<std::int64_t> whole(std::string_view text, std::int64_t most, const std::string& name) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most)
    return fail(Errc::invalid,
                "Invalid request: " + name + " must be a whole number from 0 to " + std::to_string(most),
                name);
  return value;
}

// The first line that the reader wants.
Result<std::int64_t> start_of(const ProgressDeps& deps, const Uuid& build, const http::Request& request) {
  if (const std::string_view last = request.header("last-event-id"); !last.empty()) {
    Result<std::int64_t> seen = whole(last, kAnyLine, "Last-Event-ID");
    if (!seen) return seen;
    return *seen + 1;
  }
  const Result<int> from = number_of(request, "from", 0, kAnyLine);
  if (!from) return tl::unexpected<Error>(from.error());
  if (*from > 0) return *from;
  std::int64_t tail = kUsualTail;
  if (const std::optional<std::string> asked = request.query_value("tail")) {
    Result<std::int64_t> lines = whole(*asked, kMostInABatch, "tail");
    if (!lines) return lines;
    tail = *lines;
  }
  Result<std::int64_t> total = deps.logs.count(build);
  if (!total) return total;
  return std::max<std::int64_t>(1, *total + 1 - tail);
}

Result<http::Reply> live(const Deps& deps, const Call& call) {
  Result<store::BuildRow> row = build_of(*deps, call);
  if (!row) return tl::unexpected<Error>(row.error());
  const Result<std::int64_t> start = start_of(*deps, row->build.uuid, call.request);
  if (!start) return tl::unexpected<Error>(start.error());
  const auto log = std::make_shared<LiveLines>(deps, std::move(*row), *start);
  return http::Stream{200, {{"content-type", "text/event-stream"}, {"cache-control", "no-cache"}}, [log] {
                        return log->next();
                      }};
}

}  // namespace

void add_live_log(Adder& routes, const Deps& deps) {
  routes.add("GET", "/builds/{build_uuid}/logs/live", Needs::ci_read,
             [deps](const Call& call) { return live(deps, call); });
}

}  // namespace kiln::api::progress
