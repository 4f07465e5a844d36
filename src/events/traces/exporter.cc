#include "events/traces/exporter.h"

#include <algorithm>

#include "base/log.h"
#include "base/printable.h"

namespace kiln::events {
namespace {

constexpr int kAnswerMs = 10'000;
constexpr TimeMs kFirstWaitMs = 1'000;
constexpr TimeMs kLongestWaitMs = TimeMs{5} * 60'000;
constexpr int kMostDoublings = 9;
constexpr std::size_t kMostWords = 200;

TimeMs wait_after(int attempts) {
  return std::min(kFirstWaitMs << std::min(attempts, kMostDoublings), kLongestWaitMs);
}

// Those that the protocol says to come again after; every other is the collector's last word.
bool may_come_again(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

Result<HttpResponse> TraceExporter::post(const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.url = parts_.endpoint;
  request.headers = {{"content-type", "application/json"}};
  if (!parts_.authorization.empty()) request.headers.emplace_back("authorization", parts_.authorization);
  request.body = body;
  request.timeout_ms = kAnswerMs;
  request.stop = &stopping_;
  return parts_.http()->send(request);
}

Result<Lanes::Served> TraceExporter::send_next() {
  const Result<std::optional<store::DueTrace>> due = parts_.traces.next();
  if (!due) return tl::unexpected<Error>(due.error());
  if (!*due) return Lanes::Served{};
  const Uuid build = (*due)->build;
  const auto gone = [&]() -> Result<Lanes::Served> {
    if (const Status done = parts_.traces.done(build); !done) return tl::unexpected<Error>(done.error());
    return Lanes::Served{true, 0};
  };
  const Result<store::BuildStory> story = parts_.stories.story((*due)->account_id, build);
  if (!story && story.error().code == Errc::not_found) return gone();
  if (!story) return tl::unexpected<Error>(story.error());
  // What never had a runner and was not to have one did nothing.
  if (story->steps.empty() && story->note.row.build.outcome == model::BuildOutcome::skipped) return gone();
  const Result<std::vector<TracedUpload>> uploads = parts_.uploads(story->note.row.build);
  if (!uploads) return tl::unexpected<Error>(uploads.error());
  const Result<HttpResponse> answer = post(otlp_trace(*story, *uploads, parts_.version));
  if (stopping_) return Lanes::Served{};
  if (answer && answer->status / 100 == 2) return gone();
  if (answer && !may_come_again(answer->status)) {
    log::warn("the collector refuses a build's trace build={} status={} answer={}", build.str(),
              answer->status, log::quoted(printable(answer->body, kMostWords)));
    return gone();
  }
  // The collector is not there or has too much to do: whatever else waits goes to the same place.
  const TimeMs wait = wait_after((*due)->attempts);
  if ((*due)->attempts == 0)
    log::warn("the collector does not take traces status={} reason={}", answer ? answer->status : 0,
              log::quoted(answer ? "" : answer.error().message));
  if (const Status put_off = parts_.traces.postpone(build, wait); !put_off)
    return tl::unexpected<Error>(put_off.error());
  return Lanes::Served{true, wait};
}

}  // namespace kiln::events
