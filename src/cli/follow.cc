#include "cli/follow.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <thread>

#include "base/strings.h"
#include "cli/event_stream.h"
#include "cli/output.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kGiveUpAfterMs = 60'000;
constexpr auto kPauseBeforeReturning = std::chrono::milliseconds(300);

class Follower {
 public:
  // Goes on behind the line with the id `from`; empty: from the start.
  Follower(Context& context, LogView& view, std::string from)
      : context_(context), view_(view), last_id_(std::move(from)) {}

  // True until the build's end was seen, or nobody reads any more.
  bool feed(std::string_view bytes) {
    if (head_.size() < kHeadKept) head_ += bytes.substr(0, kHeadKept - head_.size());
    stream_.feed(bytes, [this](const ServerEvent& event) { take(event); });
    return flush_output(context_.out) == 0 && !over_;
  }
  void start_anew() {
    stream_ = EventStream();
    head_.clear();
    heard_ = false;
  }

  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] bool heard() const { return heard_; }
  [[nodiscard]] const std::string& last_id() const { return last_id_; }
  [[nodiscard]] const std::string& outcome() const { return outcome_; }
  [[nodiscard]] const std::string& head() const { return head_; }

 private:
  static constexpr std::size_t kHeadKept = 16U << 10U;

  void take(const ServerEvent& event) {
    if (over_ || event.type == "error") return;
    heard_ = true;
    if (!event.id.empty()) last_id_ = event.id;
    if (event.type == "waiting") {
      const Result<json::value> news = wire::parse_json(event.data);
      if (news)
        context_.err << fmt::format("kiln: the build waits, since no runner takes builds at present: {}\n",
                                    safe_line(text_at(*news, "reason"), false));
      context_.err.flush();
      return;
    }
    if (event.type == "end") {
      const Result<json::value> end = wire::parse_json(event.data);
      if (end) outcome_ = safe_line(text_at(*end, "build_outcome"), false);
      over_ = true;
      return;
    }
    for (const std::string& line : split(event.data, '\n')) {
      if (const Result<json::value> value = wire::parse_json(line)) view_.take(*value);
    }
  }

  Context& context_;
  LogView& view_;
  EventStream stream_;
  std::string head_;  // of a body that may turn out to be a refusal
  std::string last_id_;
  std::string outcome_;
  bool over_ = false;
  bool heard_ = false;
};

// Every page there is; the cursor behind the last one.
Result<std::string> read_pages(Context& context, Server& server, const std::string& build, LogView& view) {
  std::string cursor;
  while (true) {
    const Result<json::value> page =
        server.get(fmt::format("{}/builds/{}/logs?origin=true{}", server.builds_path(), url_part(build),
                               cursor.empty() ? "" : "&cursor=" + url_part(cursor)));
    if (!page) return tl::unexpected<Error>(page.error());
    const json::object* object = page->if_object();
    const json::value* lines = object != nullptr ? object->if_contains("lines") : nullptr;
    if (lines == nullptr || !lines->is_array())
      return fail(Errc::corrupt, "the server's answer holds no log");
    for (const json::value& line : lines->get_array()) view.take(line);
    const json::value* truncated = object->if_contains("truncated");
    const std::string next = text_at(*page, "cursor");
    if (truncated == nullptr || !truncated->is_bool() || !truncated->get_bool() || next == cursor ||
        !context.out.good())
      return next;
    cursor = next;
  }
}

}  // namespace

Status print_log(Context& context, Server& server, const std::string& build, const LogChoice& choice) {
  LogView view(context, choice);
  const Result<std::string> end = read_pages(context, server, build, view);
  if (!end) return tl::unexpected<Error>(end.error());
  view.end_of_tail();
  return {};
}

Status follow_log(Context& context, Server& server, const std::string& build, const LogChoice& choice) {
  LogView view(context, choice);
  std::string from;
  if (choice.tail) {
    Result<std::string> end = read_pages(context, server, build, view);
    if (!end) return tl::unexpected<Error>(end.error());
    from = std::move(*end);
    view.end_of_tail();
  }
  Follower follower(context, view, from);
  const std::string path =
      fmt::format("{}/builds/{}/logs?origin=true", server.builds_path(), url_part(build));
  std::int64_t last_heard = context.clock.monotonic_ms();
  while (true) {
    follower.start_anew();
    const Result<HttpResponse> response = server.stream(
        path, follower.last_id(), [&follower](std::string_view bytes) { return follower.feed(bytes); });
    if (follower.over()) break;
    if (!context.out.good()) return {};
    if (follower.heard()) last_heard = context.clock.monotonic_ms();
    if (response && response->status >= 400 && response->status < 500) {
      const std::string& body = response->body.empty() ? follower.head() : response->body;
      return tl::unexpected<Error>(read_answer(response->status, body).error());
    }
    // The server went away in mid-sentence; builds outlive it, so wait for its return.
    if (context.clock.monotonic_ms() - last_heard > kGiveUpAfterMs) {
      return fail(Errc::unavailable,
                  fmt::format("the server does not come back; when it runs again: kiln logs {} --follow",
                              safe_line(build, false)));
    }
    std::this_thread::sleep_for(kPauseBeforeReturning);
  }
  if (follower.outcome() != "success") {
    context.exit_code = kFailed;
    context.err << fmt::format("kiln: the build ended as {}\n",
                               follower.outcome().empty() ? "unknown" : follower.outcome());
  }
  return {};
}

}  // namespace kiln::cli
