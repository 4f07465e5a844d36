// Builds of the account, by what somebody remembers of one.
#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "api/progress/summary.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

constexpr int kMostListed = 200;
constexpr int kUsuallyListed = 50;
constexpr std::size_t kShortestCommit = 7;
constexpr std::size_t kLongestCommit = 64;

Status read_outcome(const std::string& word, store::BuildFilter& filter) {
  if (word == "running" || word == "queued") {
    filter.status = model::parse_build_status(word);
    return {};
  }
  filter.outcome = model::parse_build_outcome(word);
  if (filter.outcome) return {};
  return fail(Errc::invalid,
              "Invalid request: outcome must be success, fail, skipped, cancelled, terminated, running or "
              "queued",
              "outcome");
}

Result<store::BuildFilter> filter_of(const http::Request& request) {
  store::BuildFilter filter;
  filter.worker_tag = to_lower(request.query_value("script_tag").value_or(""));
  filter.branch = request.query_value("branch").value_or("");
  filter.author = request.query_value("author").value_or("");
  filter.commit = to_lower(request.query_value("commit").value_or(""));
  const std::size_t digits = filter.commit.size();
  if (filter.commit.find_first_not_of("0123456789abcdef") != std::string::npos ||
      (digits > 0 && (digits < kShortestCommit || digits > kLongestCommit)))
    return fail(Errc::invalid, "Invalid request: commit must be 7 to 64 hex digits of a commit's hash",
                "commit");
  if (const std::optional<std::string> outcome = request.query_value("outcome")) {
    if (Status read = read_outcome(*outcome, filter); !read) return tl::unexpected<Error>(read.error());
  }
  if (const std::optional<std::string> word = request.query_value("status")) {
    const std::optional<model::BuildStatus> status = model::parse_build_status(*word);
    if (!status) {
      return fail(Errc::invalid, "Invalid request: status must be queued, initializing, running or stopped",
                  "status");
    }
    filter.status = *status;
  }
  if (const std::optional<std::string> since = request.query_value("since")) {
    const Result<TimeMs> time = parse_rfc3339(*since);
    if (!time) return fail(Errc::invalid, "Invalid request: since must be a time as of RFC 3339", "since");
    filter.since = *time;
  }
  return filter;
}

// The published Build, and what it used.
Status put_whole(const ProgressDeps& deps, const Call& call, const store::BuildNote& note,
                 json::object& one) {
  const auto text = deps.texts.of_row(note.row, deps.texts.form_for(call.request.header("user-agent")));
  if (!text) return tl::unexpected<Error>(text.error());
  boost::system::error_code error;
  one["build"] = json::parse(text->whole(), error);
  if (error) return fail(Errc::internal, "a build's text is no JSON");
  one["usage"] = usage_json(note, deps.clock.now());
  return {};
}

Result<http::Reply> list(const ProgressDeps& deps, const Call& call) {
  const http::Request& request = call.request;
  const Result<store::BuildFilter> filter = filter_of(request);
  if (!filter) return tl::unexpected<Error>(filter.error());
  const Result<int> limit = number_of(request, "limit", kUsuallyListed, kMostListed);
  if (!limit) return tl::unexpected<Error>(limit.error());
  const Result<std::optional<std::int64_t>> before = builds::cursor_of(request);
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<store::BuildNotes> notes = deps.stories.notes(call.account_id, *filter, *before, *limit);
  if (!notes) return tl::unexpected<Error>(notes.error());
  const Result<bool> whole = truth_of(request.query_value("whole"), "whole", false);
  if (!whole) return tl::unexpected<Error>(whole.error());
  const TimeMs now = deps.clock.now();
  json::array builds;
  for (const store::BuildNote& note : notes->items) {
    json::object one = summary_json(note, now);
    if (*whole) {
      if (const Status put = put_whole(deps, call, note, one); !put)
        return tl::unexpected<Error>(put.error());
    }
    builds.push_back(std::move(one));
  }
  return success_response(
      {{"builds", std::move(builds)},
       {"cursor", notes->next ? json::value(std::to_string(*notes->next)) : json::value(nullptr)}});
}

}  // namespace

void add_build_list(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/builds/list", Needs::ci_read, [deps](const Call& call) { return list(*deps, call); }, kPolled);
}

}  // namespace kiln::api::progress
