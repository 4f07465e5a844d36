// A build's log: page by page as JSON, or live as server-sent events (WHATWG HTML, "Server-sent events").
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdlib>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "events/hub.h"
#include "wire/or_null.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kPageBytes = 1U << 20U;
constexpr std::size_t kPieceBytes = 64U << 10U;
constexpr int kKeepAliveMs = 15'000;
constexpr int kWhileQueuedMs = 3'000;  // nobody tells of a runner in trouble

// [time, text] as published; with `origin` a third element, which a build cannot forge.
json::value line_json(const model::LogLine& line, bool origin) {
  if (!origin) return json::array{line.time, line.text};
  return json::array{line.time, line.text, line.service ? "service" : "build"};
}

// Whether the query wants lines with their origin. Errors: Errc::invalid naming the parameter.
Result<bool> wants_origin(const Call& call) {
  const std::optional<std::string> word = call.request.query_value("origin");
  if (!word || *word == "false") return false;
  if (*word == "true") return true;
  return fail(Errc::invalid, "Invalid request: origin must be true or false", "origin");
}

Result<http::Reply> page(const BuildsDeps& deps, const Uuid& uuid, const Call& call, bool origin) {
  const Result<store::LogPage> found =
      deps.builds.log(uuid, call.request.query_value("cursor").value_or(""), kPageBytes);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array lines;
  for (const model::LogLine& line : found->lines) lines.push_back(line_json(line, origin));
  return success_response({{"lines", lines}, {"cursor", found->cursor}, {"truncated", found->more}});
}

// One reader's way through a log: where it stands, and whether the last look found the build over.
class LiveLog {
 public:
  LiveLog(Deps deps, std::string account_id, const Uuid& uuid, std::string cursor, bool origin)
      : deps_(std::move(deps)),
        account_id_(std::move(account_id)),
        uuid_(uuid),
        cursor_(std::move(cursor)),
        origin_(origin) {}

  http::StreamStep next() {
    // The build is looked at before its log, so that "over" means every line has been stored already.
    const Result<store::BuildRow> row = deps_->builds.row(account_id_, uuid_);
    if (!row) return {event("error", "null"), std::nullopt, true};
    const Result<store::LogPage> found = deps_->builds.log(uuid_, cursor_, kPieceBytes);
    if (!found) return {event("error", "null"), std::nullopt, true};
    http::StreamStep step;
    // One event a line, its id the cursor after it: a reader that comes back misses and repeats nothing.
    std::size_t id = std::strtoull(found->cursor.c_str(), nullptr, 10) - found->lines.size();
    for (const model::LogLine& line : found->lines) {
      step.piece += fmt::format("id: {}\ndata: {}\n\n", ++id, json::serialize(line_json(line, origin_)));
    }
    cursor_ = found->cursor;
    if (found->more) return step;
    if (model::is_over(row->build.status)) {
      const json::value end = {{"build_uuid", uuid_.str()},
                               {"build_outcome", wire::word_or_null(row->build.outcome)}};
      step.piece += event("end", json::serialize(end));
      step.end = true;
      return step;
    }
    const bool queued = row->build.status == model::BuildStatus::queued;
    if (queued) step.piece += news_of_runners();
    if (step.piece.empty() && waited_) step.piece = ": still here\n\n";
    waited_ = step.piece.empty();
    if (step.piece.empty())
      step.wait = http::Wait{events::build_topic(uuid_), queued ? kWhileQueuedMs : kKeepAliveMs};
    return step;
  }

 private:
  // Why the build waits, once for each reason.
  std::string news_of_runners() {
    const std::string why = deps_->why_no_builds ? deps_->why_no_builds().value_or("") : "";
    if (why == told_) return {};
    told_ = why;
    return why.empty() ? std::string() : event("waiting", json::serialize(json::value{{"reason", why}}));
  }

  static std::string event(std::string_view name, std::string_view data) {
    return fmt::format("event: {}\ndata: {}\n\n", name, data);
  }

  Deps deps_;
  std::string account_id_;
  Uuid uuid_;
  std::string cursor_;
  bool origin_;
  bool waited_ = false;
  std::string told_;
};

Result<http::Reply> logs(const Deps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::BuildRow> row = deps->builds.row(call.account_id, *uuid);
  if (!row) return tl::unexpected<Error>(row.error());
  const Result<bool> origin = wants_origin(call);
  if (!origin) return tl::unexpected<Error>(origin.error());
  if (call.request.header("accept").find("text/event-stream") == std::string_view::npos) {
    return page(*deps, *uuid, call, *origin);
  }
  std::string cursor(call.request.header("last-event-id"));
  if (cursor.empty()) cursor = call.request.query_value("cursor").value_or("");
  const Result<store::LogPage> checked = deps->builds.log(*uuid, cursor, 1);
  if (!checked) return tl::unexpected<Error>(checked.error());
  const auto live = std::make_shared<LiveLog>(deps, call.account_id, *uuid, cursor, *origin);
  return http::Stream{200, {{"content-type", "text/event-stream"}, {"cache-control", "no-cache"}}, [live] {
                        return live->next();
                      }};
}

}  // namespace

void add_logs(Adder& routes, const Deps& deps) {
  routes.add("GET", "/builds/{build_uuid}/logs", Needs::ci_read,
             [deps](const Call& call) { return logs(deps, call); });
}

}  // namespace kiln::api::builds
