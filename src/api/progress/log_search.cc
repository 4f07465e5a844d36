// Which lines of a build's log hold a text.
#include "model/log_search.h"

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "base/utf8.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = 1'000;
constexpr int kMostHits = 1'000;
constexpr int kUsualHits = 100;
constexpr std::size_t kShownOfALine = 2'000;

Result<model::LogQuery> query_of(const http::Request& request) {
  model::LogQuery query;
  query.text = request.query_value("q").value_or("");
  if (query.text.empty() || query.text.size() > kLongestText)
    return fail(Errc::invalid, "Invalid request: q must have 1 to 1000 bytes", "q");
  const Result<bool> ignore_case = truth_of(request.query_value("ignore_case"), "ignore_case", false);
  if (!ignore_case) return tl::unexpected<Error>(ignore_case.error());
  const Result<int> from = number_of(request, "from", 1, kAnyLine);
  if (!from) return tl::unexpected<Error>(from.error());
  const Result<int> limit = number_of(request, "limit", kUsualHits, kMostHits);
  if (!limit) return tl::unexpected<Error>(limit.error());
  query.ignore_case = *ignore_case;
  query.from = *from;
  query.limit = static_cast<std::size_t>(*limit);
  return query;
}

json::value hit_json(const model::LogHit& hit) {
  return {{"line", hit.number},
          {"time", hit.line.time},
          {"text", utf8_beginning(hit.line.text, kShownOfALine)},
          {"origin", hit.line.service ? "service" : "build"}};
}

Result<http::Reply> search(const ProgressDeps& deps, const Call& call) {
  const Result<store::BuildRow> row = build_of(deps, call);
  if (!row) return tl::unexpected<Error>(row.error());
  Result<model::LogQuery> query = query_of(call.request);
  if (!query) return tl::unexpected<Error>(query.error());
  model::LogSearch search(std::move(*query));
  const Result<std::int64_t> total =
      deps.logs.walk(row->build.uuid, 1, [&search](std::int64_t first, std::string_view text) {
        search.feed(first, text);
        return true;
      });
  if (!total) return tl::unexpected<Error>(total.error());
  json::array hits;
  for (const model::LogHit& hit : search.hits()) hits.push_back(hit_json(hit));
  return success_response({{"total", *total},
                           {"count", search.count()},
                           {"lines", json::array(search.numbers().begin(), search.numbers().end())},
                           {"hits", std::move(hits)},
                           {"next", search.next() == 0 ? json::value(nullptr) : json::value(search.next())}});
}

}  // namespace

void add_log_search(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/builds/{build_uuid}/logs/search", Needs::ci_read,
      [deps](const Call& call) { return search(*deps, call); }, kPolled);
}

}  // namespace kiln::api::progress
