// What changes in an account, as server-sent events. A reader holds no thread between two looks: it waits on
// the topic of moves, and looks now and then for what nobody tells of (a deployment by hand, a runner that
// has fallen silent).
#include <boost/json.hpp>
#include <charconv>
#include <set>
#include <utility>
#include <vector>

#include "api/progress/handlers.h"
#include "api/progress/overview.h"
#include "api/progress/queue_now.h"
#include "api/progress/summary.h"
#include "events/hub.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

constexpr int kLookAgainMs = 2'000;
constexpr std::int64_t kSilenceMs = 15'000;
constexpr std::int64_t kBetweenLooksMs = 100;
constexpr const char* kEventsPause = "pause";  // notified by nobody

class AccountStream {
 public:
  AccountStream(Deps deps, std::string account_id, std::int64_t seen)
      : deps_(std::move(deps)), account_id_(std::move(account_id)), seen_(seen) {}

  http::StreamStep next() {
    const std::int64_t now = deps_->clock.monotonic_ms();
    if (now < quiet_until_)
      return {{}, http::Wait{kEventsPause, static_cast<int>(quiet_until_ - now)}, false};
    http::StreamStep step;
    if (!greeted_)
      step.piece = event_text("hello", std::to_string(seen_), {{"event_id", std::to_string(seen_)}});
    greeted_ = true;
    if (const Status told = tell(step.piece); !told) return {error_event(told.error()), std::nullopt, true};
    if (!step.piece.empty()) {
      spoke_ = now;
      quiet_until_ = deps_->clock.monotonic_ms() + kBetweenLooksMs;
      return step;
    }
    if (now - spoke_ >= kSilenceMs) {
      spoke_ = now;
      step.piece = ": still here\n\n";
      return step;
    }
    step.wait = http::Wait{events::kMovesTopic, kLookAgainMs};
    return step;
  }

 private:
  // Errors: those of the store.
  Status tell(std::string& out) {
    const Result<store::AccountEvents> events = deps_->events.events_after(account_id_, seen_);
    if (!events) return tl::unexpected<Error>(events.error());
    if (events->gap) {
      seen_ = events->last;
      out += event_text("reset", std::to_string(seen_), {{"event_id", std::to_string(seen_)}});
    }
    // Of many about one thing the last is enough.
    std::set<std::string> told;
    std::vector<const store::AccountEvent*> last;  // the newest first
    for (auto event = events->items.rbegin(); event != events->items.rend(); ++event) {
      if (told.insert(event->subject).second) last.push_back(&*event);
    }
    for (auto event = last.rbegin(); event != last.rend(); ++event) out += text_of(**event);
    seen_ = events->last;
    return tell_queue(events->gap || !told.empty(), out);
  }

  std::string text_of(const store::AccountEvent& event) {
    const std::string id = std::to_string(event.number);
    if (event.kind == store::AccountEvent::Kind::build) {
      const std::optional<Uuid> uuid = Uuid::parse(
          event.subject.substr(0, 8) + "-" + event.subject.substr(8, 4) + "-" + event.subject.substr(12, 4) +
          "-" + event.subject.substr(16, 4) + "-" + event.subject.substr(20));
      if (!uuid) return {};
      const Result<store::BuildNote> note = deps_->stories.note(account_id_, *uuid);
      return note ? event_text("build", id, summary_json(*note, deps_->clock.now())) : std::string();
    }
    const auto shown = overview_worker_json(*deps_, account_id_, event.subject);
    return shown && *shown ? event_text("deployment", id, **shown) : std::string();
  }

  Status tell_queue(bool moved, std::string& out) {
    const std::optional<std::string> no_builds = deps_->runners.nobody_takes();
    if (!moved && told_queue_ && no_builds == no_builds_) return {};
    no_builds_ = no_builds;
    Result<json::object> strip = strip_json(*deps_, account_id_);
    if (!strip) return tl::unexpected<Error>(strip.error());
    if (told_queue_ && *strip == *told_queue_) return {};
    out += event_text("queue", std::to_string(seen_), *strip);
    told_queue_ = std::move(*strip);
    return {};
  }

  Deps deps_;
  std::string account_id_;
  std::int64_t seen_;
  bool greeted_ = false;
  std::int64_t quiet_until_ = 0;
  std::int64_t spoke_ = 0;
  std::optional<std::string> no_builds_;
  std::optional<json::object> told_queue_;
};

Result<std::int64_t> start_of_events(const ProgressDeps& deps, const http::Request& request) {
  std::string text(request.header("last-event-id"));
  if (text.empty()) text = request.query_value("since").value_or("");
  if (text.empty()) return deps.events.last_event();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    return fail(Errc::invalid, "Invalid request: since must be the id of an event", "since");
  return number;
}

Result<http::Reply> follow(const Deps& deps, const Call& call) {
  const Result<std::int64_t> start = start_of_events(*deps, call.request);
  if (!start) return tl::unexpected<Error>(start.error());
  const auto stream = std::make_shared<AccountStream>(deps, call.account_id, *start);
  return http::Stream{200, {{"content-type", "text/event-stream"}, {"cache-control", "no-cache"}}, [stream] {
                        return stream->next();
                      }};
}

}  // namespace

void add_events(Adder& routes, const Deps& deps) {
  routes.add("GET", "/events", Needs::ci_read, [deps](const Call& call) { return follow(deps, call); });
}

}  // namespace kiln::api::progress
