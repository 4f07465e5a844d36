#include "cli/failed_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLinesAtOnce = 1'000;
constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

struct Lines {
  std::int64_t first = 1;
  std::int64_t end = kToTheEnd;  // not one of them
};

// From where the failed step began to where the next did, in the attempt that was the last.
std::optional<Lines> lines_of_failure(const json::value& detail) {
  const json::array& steps = list_at(detail, "steps");
  for (std::size_t i = steps.size(); i-- > 0;) {
    if (text_at(steps[i], "state") != "failed") continue;
    Lines lines{number_at(steps[i], "first_line").value_or(1), kToTheEnd};
    if (i + 1 < steps.size()) lines.end = number_at(steps[i + 1], "first_line").value_or(kToTheEnd);
    return lines;
  }
  return std::nullopt;
}

}  // namespace

Status print_failed_step(Context& context, Server& server, const std::string& build,
                         const LogChoice& choice) {
  const std::string path = server.builds_path() + "/builds/" + url_part(build);
  const Result<json::value> detail = server.get(path + "/detail");
  if (!detail) return tl::unexpected<Error>(detail.error());
  const std::optional<Lines> lines = lines_of_failure(*detail);
  if (!lines) {
    return fail(Errc::conflict,
                fmt::format("no step of this build failed: {}; all of its log: kiln logs {}",
                            headline(text_at(*detail, "summary/sentence"), 200), headline(build, 36)));
  }
  LogView view(context, choice);
  for (std::int64_t from = lines->first; from < lines->end && context.out.good();) {
    const Result<json::value> window = server.get(
        fmt::format("{}/logs/lines?from={}&count={}", path, from, std::min(kLinesAtOnce, lines->end - from)));
    if (!window) return tl::unexpected<Error>(window.error());
    const json::array& some = list_at(*window, "lines");
    for (const json::value& line : some) view.take(line);
    if (some.empty()) break;
    from += static_cast<std::int64_t>(some.size());
  }
  view.end_of_tail();
  return {};
}

}  // namespace kiln::cli
