// A build's log as text, in pieces, so that it need not be in memory at once.
#include <fmt/format.h>

#include "api/progress/handlers.h"
#include "base/time_format.h"
#include "model/log_search.h"

namespace kiln::api::progress {
namespace {

constexpr std::size_t kPieceBytes = 256U << 10U;
constexpr std::int64_t kPieceLines = 10'000;

struct RawForm {
  bool timestamps = false;
  bool colours = true;
  bool download = false;
};

Result<RawForm> form_of(const http::Request& request) {
  const Result<bool> timestamps = truth_of(request.query_value("timestamps"), "timestamps", false);
  if (!timestamps) return tl::unexpected<Error>(timestamps.error());
  const Result<bool> colours = truth_of(request.query_value("colours"), "colours", true);
  if (!colours) return tl::unexpected<Error>(colours.error());
  const Result<bool> download = truth_of(request.query_value("download"), "download", false);
  if (!download) return tl::unexpected<Error>(download.error());
  return RawForm{*timestamps, *colours, *download};
}

// One reader's way through what the log was when it began.
class RawLog {
 public:
  RawLog(Deps deps, const Uuid& build, std::int64_t total, RawForm form)
      : deps_(std::move(deps)), build_(build), total_(total), form_(form) {}

  http::StreamStep next() {
    const store::LineRange range{store::LineRange::Side::from, next_,
                                 std::min(kPieceLines, total_ + 1 - next_)};
    const Result<store::LogWindow> window = deps_->logs.lines(build_, range, kPieceBytes);
    if (!window || window->lines.empty()) return {{}, std::nullopt, true};
    http::StreamStep step;
    for (const model::LogLine& line : window->lines) {
      if (form_.timestamps) step.piece.append(format_rfc3339(line.time)).append(" ");
      step.piece.append(form_.colours ? line.text : model::without_colours(line.text)).append("\n");
    }
    next_ += static_cast<std::int64_t>(window->lines.size());
    step.end = next_ > total_;
    return step;
  }

 private:
  Deps deps_;
  Uuid build_;
  std::int64_t total_;
  RawForm form_;
  std::int64_t next_ = 1;
};

Result<http::Reply> raw(const Deps& deps, const Call& call) {
  const Result<store::BuildRow> row = build_of(*deps, call);
  if (!row) return tl::unexpected<Error>(row.error());
  const Result<RawForm> form = form_of(call.request);
  if (!form) return tl::unexpected<Error>(form.error());
  const Result<std::int64_t> total = deps->logs.count(row->build.uuid);
  if (!total) return tl::unexpected<Error>(total.error());
  // A build's own words in a browser: text and nothing else, whatever they look like.
  http::Headers headers = {{"content-type", "text/plain; charset=utf-8"},
                           {"x-content-type-options", "nosniff"},
                           {"content-security-policy", "default-src 'none'; sandbox"},
                           {"cache-control", "no-cache"}};
  if (form->download)
    headers.emplace_back("content-disposition",
                         fmt::format("attachment; filename=\"build-{}.log\"", row->build.uuid.str()));
  const auto log = std::make_shared<RawLog>(deps, row->build.uuid, *total, *form);
  return http::Stream{200, std::move(headers), [log] { return log->next(); }};
}

}  // namespace

void add_raw_log(Adder& routes, const Deps& deps) {
  routes.add("GET", "/builds/{build_uuid}/logs/raw", Needs::ci_read,
             [deps](const Call& call) { return raw(deps, call); });
}

}  // namespace kiln::api::progress
