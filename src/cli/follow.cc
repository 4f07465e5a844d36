#include "cli/follow.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <ctime>
#include <thread>

#include "base/strings.h"
#include "cli/event_stream.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kGiveUpAfterMs = 60'000;
constexpr auto kPauseBeforeReturning = std::chrono::milliseconds(300);

std::string local_time(TimeMs time) {
  const std::time_t seconds = time / 1000;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// The colour of the lines that the service itself writes, so that a reader sees the steps; a command's own
// output stays as it is. Only for the eye: a command that prints such words is coloured too.
Colour step_colour(std::string_view text) {
  const auto starts = [&](std::string_view words) { return text.substr(0, words.size()) == words; };
  if (starts("Success")) return Colour::green;
  if (starts("Failed") || starts("Build was")) return Colour::red;
  if (starts("Skipped") || starts("Warning")) return Colour::yellow;
  if (starts("Initializing build environment") || starts("Cloning repository") ||
      starts("Detected the following") || starts("Installing project dependencies") ||
      starts("Executing user")) {
    return Colour::cyan;
  }
  return Colour::none;
}

class Follower {
 public:
  explicit Follower(Context& context) : context_(context) {}

  // True until the build's end was seen.
  bool feed(std::string_view bytes) {
    if (head_.size() < kHeadKept) head_ += bytes.substr(0, kHeadKept - head_.size());
    stream_.feed(bytes, [this](const ServerEvent& event) { take(event); });
    context_.out.flush();
    return !over_;
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
    if (event.type == "end") {
      const Result<json::value> end = wire::parse_json(event.data);
      if (end) outcome_ = safe_line(text_at(*end, "build_outcome"), false);
      over_ = true;
      return;
    }
    for (const std::string& line : split(event.data, '\n')) {
      if (const Result<json::value> value = wire::parse_json(line)) print_line(context_, *value);
    }
  }

  Context& context_;
  EventStream stream_;
  std::string head_;  // of a body that may turn out to be a refusal
  std::string last_id_;
  std::string outcome_;
  bool over_ = false;
  bool heard_ = false;
};

}  // namespace

void print_line(Context& context, const json::value& line) {
  const json::array* pair = line.if_array();
  if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_string()) return;
  if (context.json) {
    context.out << json::serialize(line) << '\n';
    return;
  }
  context.out << paint(context.style, Colour::dim, local_time((*pair)[0].get_int64())) << "  "
              << paint(context.style, step_colour((*pair)[1].get_string()),
                       safe_line((*pair)[1].get_string(), context.style.colours))
              << '\n';
}

Status print_log(Context& context, Server& server, const std::string& build) {
  std::string cursor;
  while (true) {
    const Result<json::value> page =
        server.get(fmt::format("{}/builds/{}/logs{}", server.builds_path(), url_part(build),
                               cursor.empty() ? "" : "?cursor=" + url_part(cursor)));
    if (!page) return tl::unexpected<Error>(page.error());
    const json::object* object = page->if_object();
    const json::value* lines = object != nullptr ? object->if_contains("lines") : nullptr;
    if (lines == nullptr || !lines->is_array())
      return fail(Errc::corrupt, "the server's answer holds no log");
    for (const json::value& line : lines->get_array()) print_line(context, line);
    const json::value* truncated = object->if_contains("truncated");
    const std::string next = text_at(*page, "cursor");
    if (truncated == nullptr || !truncated->is_bool() || !truncated->get_bool() || next == cursor) return {};
    cursor = next;
  }
}

Status follow_log(Context& context, Server& server, const std::string& build) {
  Follower follower(context);
  const std::string path = fmt::format("{}/builds/{}/logs", server.builds_path(), url_part(build));
  std::int64_t last_heard = context.clock.monotonic_ms();
  while (true) {
    follower.start_anew();
    const Result<HttpResponse> response = server.stream(
        path, follower.last_id(), [&follower](std::string_view bytes) { return follower.feed(bytes); });
    if (follower.over()) break;
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
