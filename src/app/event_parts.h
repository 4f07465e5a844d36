// What a server sends events with: subscriptions of queues, sinks, and the lanes that serve these. Owned by
// Service, as one of its parts; start() and stop() from its thread.
#pragma once

#include "base/entropy.h"
#include "base/secret_box.h"
#include "events/lanes.h"
#include "events/reports/report_source.h"
#include "events/sinks/fan_out.h"
#include "events/sinks/sender.h"
#include "scm/git/reach.h"
#include "store/sqlite/queue_store.h"
#include "store/sqlite/sink_store.h"

namespace kiln::app {

// Whether events may be sent to scheme://host[:port].
[[nodiscard]] Status may_reach(const scm::Reach& reach, const std::string& place);

class EventParts {
 public:
  // All outlive it.
  EventParts(store::sqlite::Database& database, const SecretBox& box, Entropy& entropy,
             store::BuildStore& builds, events::ReportSource& source, const Clock& clock, scm::Reach reach);
  ~EventParts() { stop(); }
  EventParts(const EventParts&) = delete;
  EventParts& operator=(const EventParts&) = delete;

  void start() { lanes_.start(); }
  void stop();
  // Something may be due at a sink.
  void wake() { lanes_.wake(); }

  [[nodiscard]] events::FanOut& fan_out() { return fan_out_; }
  [[nodiscard]] const scm::Reach& reach() const { return reach_; }
  [[nodiscard]] store::EventSubscriptionStore& subscriptions() { return subscriptions_; }
  [[nodiscard]] store::SinkStore& sinks() { return sinks_; }
  [[nodiscard]] store::SinkDeliveryStore& deliveries() { return deliveries_; }

 private:
  scm::Reach reach_;
  store::sqlite::SqliteEventSubscriptionStore subscriptions_;
  store::sqlite::SqliteSinkStore sinks_;
  store::sqlite::SqliteSinkDeliveryStore deliveries_;
  events::FanOut fan_out_;
  events::Sender sender_;
  events::Lanes lanes_;
};

}  // namespace kiln::app
