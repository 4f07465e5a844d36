// Sends events to sinks, one at a time: what came of each try is noted before the next. Killed between a
// sink's answer and that note, it sends the event again under the same id. Owned by app; safe from any
// thread, as long as each sink has one thread at a time (events/lanes.h).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/mail.h"
#include "events/lanes.h"
#include "events/reports/report_source.h"
#include "store/sink_delivery_store.h"
#include "store/sink_store.h"

namespace kiln::events {

class Sender {
 public:
  struct Parts {
    store::SinkDeliveryStore& deliveries;
    store::SinkStore& sinks;
    ReportSource& source;
    const Clock& clock;
    // Doors that lead only where sinks may be.
    std::function<std::unique_ptr<HttpClient>(const std::string& ca)> http;
    std::function<std::unique_ptr<Mailer>()> mailer;
  };
  explicit Sender(Parts parts) : parts_(std::move(parts)) {}

  // Sends to the sink of that uuid what has waited longest, if something is due. Errors: those of the store.
  [[nodiscard]] Result<Lanes::Served> send_next(const std::string& sink);
  // What is under way ends within a second and is tried again by the next process.
  void stop() { stopping_ = true; }

 private:
  [[nodiscard]] store::SinkAnswer send(const store::DueDelivery& due, std::optional<TimeMs>& asked_wait_ms);
  [[nodiscard]] Result<store::SinkAnswer> post(const HttpRequest& request,
                                               std::optional<TimeMs>& asked_wait_ms);
  [[nodiscard]] Status note(const store::DueDelivery& due, const store::SinkAnswer& answer,
                            std::optional<TimeMs> asked_wait_ms);

  Parts parts_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace kiln::events
