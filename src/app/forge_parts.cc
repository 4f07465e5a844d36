#include "app/forge_parts.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "scm/git/git.h"
#include "scm/git/remote_place.h"

namespace kiln::app {
namespace {

class ReachingClient final : public HttpClient {
 public:
  ReachingClient(const scm::Reach& reach, std::string ca) : reach_(reach), ca_(std::move(ca)) {}

  Result<HttpResponse> send(const HttpRequest& asked) override {
    if (const Status sane = scm::check_remote_url(asked.url); !sane)
      return tl::unexpected<Error>(sane.error());
    const Result<scm::RemotePlace> place = scm::place_of(asked.url);
    if (!place) return tl::unexpected<Error>(place.error());
    const Result<scm::Pins> pins = reach_.judge(*place);
    if (!pins) return tl::unexpected<Error>(pins.error());
    HttpRequest request = asked;
    request.resolve = pins->curl;
    request.ca = ca_;
    return client_.send(request);
  }

 private:
  const scm::Reach& reach_;
  std::string ca_;
  CurlClient client_;
};

// Evenly from 0 to 1.
double chance_from(Entropy& entropy) {
  const std::string byte = entropy.bytes(1);
  return static_cast<double>(static_cast<unsigned char>(byte.front())) / 255.0;
}

Result<std::vector<events::Lanes::Destination>> waiting_hosts(store::ReportStore& reports) {
  const Result<std::vector<store::HostClock>> clocks = reports.hosts();
  if (!clocks) return tl::unexpected<Error>(clocks.error());
  std::vector<events::Lanes::Destination> out;
  for (const store::HostClock& one : *clocks) out.push_back({one.host, one.due_on});
  return out;
}

}  // namespace

std::unique_ptr<HttpClient> reaching_client(const scm::Reach& reach, const std::string& ca) {
  return std::make_unique<ReachingClient>(reach, ca);
}

events::BuildReports::Addresses preview_addresses(const workers::AccountHosts& hosts,
                                                  const model::Build& build, const std::string& worker_name) {
  if (!build.previewed || !hosts.served()) return {};
  const workers::Hosts of = hosts.of(build.account_id);
  events::BuildReports::Addresses found;
  found.version = of.preview_url(workers::version_label(*build.previewed), worker_name);
  if (!build.preview_alias.empty()) found.alias = of.preview_url(build.preview_alias, worker_name);
  return found;
}

ForgeParts::ForgeParts(store::sqlite::Database& database, const SecretBox& box, Entropy& entropy,
                       store::ConnectionStore& connections, events::Hub& hub, const Clock& clock,
                       scm::Reach reach, events::BuildReports& source, events::Pump::EventsOf events_of,
                       std::function<void()> wake_others, events::Pump::HandedOn handed_on,
                       TimeMs look_every_ms)
    : hub_(hub),
      reach_(std::move(reach)),
      outbox_(database),
      reports_(database),
      forges_(database, box, entropy),
      directory_(connections, forges_, clock,
                 [this](const std::string& ca) { return reaching_client(reach_, ca); }),
      pump_(
          outbox_,
          [this](const std::string& account_id, const Uuid& connection) {
            return directory_.host_of(account_id, connection);
          },
          std::move(events_of), std::move(handed_on)),
      teller_({reports_, directory_, source, [&entropy] { return chance_from(entropy); }}),
      lanes_({"reports",
              [this, wake_others = std::move(wake_others)]() -> Status {
                const Result<bool> handed = pump_.hand_on();
                if (!handed) return tl::unexpected<Error>(handed.error());
                if (*handed) wake_others();
                return {};
              },
              [this] { return waiting_hosts(reports_); },
              [this](const std::string& host) -> Result<events::Lanes::Served> {
                const Result<events::Teller::Told> told = teller_.tell_next(host);
                if (!told) return tl::unexpected<Error>(told.error());
                return events::Lanes::Served{told->any, told->rest_ms};
              }},
             clock),
      redelivery_(forges_, directory_, clock),
      look_every_ms_(look_every_ms) {}

void ForgeParts::start() {
  ticket_ = hub_.subscribe(events::kOutboxTopic, [this] { lanes_.wake(); });
  lanes_.start();
  running_ = true;
  if (look_every_ms_ <= 0) return;
  looker_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      redelivery_.look(stop);
      ended.wait_for(lock, stop, std::chrono::milliseconds(look_every_ms_), [] { return false; });
    }
  });
}

void ForgeParts::stop() {
  if (!std::exchange(running_, false)) return;
  looker_ = {};
  hub_.unsubscribe(ticket_);
  lanes_.stop();
}

}  // namespace kiln::app
