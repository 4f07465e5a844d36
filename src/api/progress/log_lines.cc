// Some lines of a build's log, by number.
#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"

namespace kiln::api::progress {
namespace {

constexpr int kMostLines = 1'000;
constexpr int kUsualLines = 200;
constexpr std::size_t kMostBytes = 1U << 20U;

Result<store::LineRange> range_of(const http::Request& request) {
  using Side = store::LineRange::Side;
  const Result<int> count = number_of(request, "count", kUsualLines, kMostLines);
  if (!count) return tl::unexpected<Error>(count.error());
  const Result<int> from = number_of(request, "from", 0, kAnyLine);
  if (!from) return tl::unexpected<Error>(from.error());
  const Result<int> before = number_of(request, "before", 0, kAnyLine);
  if (!before) return tl::unexpected<Error>(before.error());
  if (*from > 0 && *before > 0)
    return fail(Errc::invalid, "Invalid request: give from or before, not both", "before");
  if (*from > 0) return store::LineRange{Side::from, *from, *count};
  return store::LineRange{Side::before, *before > 0 ? *before : kAnyLine, *count};
}

Result<http::Reply> lines(const ProgressDeps& deps, const Call& call) {
  const Result<store::BuildRow> row = build_of(deps, call);
  if (!row) return tl::unexpected<Error>(row.error());
  const Result<store::LineRange> range = range_of(call.request);
  if (!range) return tl::unexpected<Error>(range.error());
  const Result<store::LogWindow> window = deps.logs.lines(row->build.uuid, *range, kMostBytes);
  if (!window) return tl::unexpected<Error>(window.error());
  return success_response(window_json(*window, model::is_over(row->build.status)));
}

}  // namespace

void add_log_lines(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/builds/{build_uuid}/logs/lines", Needs::ci_read,
      [deps](const Call& call) { return lines(*deps, call); }, kPolled);
}

}  // namespace kiln::api::progress
