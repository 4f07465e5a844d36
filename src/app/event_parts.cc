#include "app/event_parts.h"

#include <utility>

#include "app/forge_parts.h"
#include "scm/git/remote_place.h"

namespace kiln::app {
namespace {

// The host and port of any scheme's URL, as the policy reads URLs.
Result<scm::RemotePlace> place_of_any(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return fail(Errc::invalid, "the URL names no scheme", "url");
  const bool is_plain = url.starts_with("http://");
  return scm::place_of(is_plain ? url : "https" + url.substr(scheme));
}

// A mailer that goes only where events may go.
class ReachingMailer final : public Mailer {
 public:
  explicit ReachingMailer(const scm::Reach& reach) : reach_(reach) {}

  Result<MailAnswer> send(const Mail& asked) override {
    const Result<scm::RemotePlace> place = place_of_any(asked.url);  // a sink's URL names the port
    if (!place) return tl::unexpected<Error>(place.error());
    const Result<scm::Pins> pins = reach_.judge(*place);
    if (!pins) return tl::unexpected<Error>(pins.error());
    Mail mail = asked;
    mail.resolve = pins->curl;
    return mailer_.send(mail);
  }

 private:
  const scm::Reach& reach_;
  CurlMailer mailer_;
};

Result<std::vector<events::Lanes::Destination>> waiting_sinks(store::SinkDeliveryStore& deliveries) {
  const Result<std::vector<store::SinkClock>> clocks = deliveries.sink_clocks();
  if (!clocks) return tl::unexpected<Error>(clocks.error());
  std::vector<events::Lanes::Destination> out;
  for (const store::SinkClock& one : *clocks) out.push_back({one.sink.str(), one.due_on});
  return out;
}

}  // namespace

Status may_reach(const scm::Reach& reach, const std::string& place) {
  const Result<scm::RemotePlace> found = place_of_any(place);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<scm::Pins> pins = reach.judge(*found);
  if (!pins) return tl::unexpected<Error>(pins.error());
  return {};
}

EventParts::EventParts(store::sqlite::Database& database, const SecretBox& box, Entropy& entropy,
                       store::BuildStore& builds, events::ReportSource& source, const Clock& clock,
                       scm::Reach reach)
    : reach_(std::move(reach)),
      subscriptions_(database),
      sinks_(database, box, entropy),
      deliveries_(database),
      fan_out_({subscriptions_, sinks_, builds}),
      sender_({deliveries_, sinks_, source, clock,
               [this](const std::string& ca) { return reaching_client(reach_, ca); },
               [this] { return std::make_unique<ReachingMailer>(reach_); }}),
      lanes_({"sinks",
              {},
              [this] { return waiting_sinks(deliveries_); },
              [this](const std::string& sink) { return sender_.send_next(sink); }},
             clock) {}

void EventParts::stop() {
  sender_.stop();
  lanes_.stop();
}

}  // namespace kiln::app
