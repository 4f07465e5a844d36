// What a server tells source hosts with: their accounts' forges, the door to their APIs, and the lanes in
// which they are told. Owned by Service, as one of its parts; start() and stop() from its thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/entropy.h"
#include "base/http_client.h"
#include "base/resolver.h"
#include "base/secret_box.h"
#include "events/hub.h"
#include "events/lanes.h"
#include "events/reports/build_reports.h"
#include "events/reports/pump.h"
#include "events/reports/teller.h"
#include "forges/directory.h"
#include "forges/redelivery.h"
#include "scm/git/reach.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/forge_store.h"
#include "store/sqlite/outbox.h"
#include "workers/account_hosts.h"

namespace kiln::app {

// A client that goes only where git may go (scm/git/reach.h), since the same people name both places.
[[nodiscard]] std::unique_ptr<HttpClient> reaching_client(const scm::Reach& reach, const std::string& ca);

// Where the build's newest version with an address answers.
[[nodiscard]] events::BuildReports::Addresses preview_addresses(const workers::AccountHosts& hosts,
                                                                const model::Build& build,
                                                                const std::string& worker_name);

class ForgeParts {
 public:
  // All outlive it. Missed deliveries are looked for at the start and then so often; 0: never.
  ForgeParts(store::sqlite::Database& database, const SecretBox& box, Entropy& entropy,
             store::ConnectionStore& connections, events::Hub& hub, const Clock& clock, scm::Reach reach,
             events::BuildReports& source, events::Pump::EventsOf events_of,
             std::function<void()> wake_others, events::Pump::HandedOn handed_on, TimeMs look_every_ms);
  ~ForgeParts() { stop(); }
  ForgeParts(const ForgeParts&) = delete;
  ForgeParts& operator=(const ForgeParts&) = delete;

  void start();
  void stop();

  [[nodiscard]] store::Outbox& outbox() { return outbox_; }
  [[nodiscard]] store::ForgeStore& store() { return forges_; }
  [[nodiscard]] store::ReportStore& reports() { return reports_; }
  [[nodiscard]] forges::Directory& directory() { return directory_; }

 private:
  events::Hub& hub_;
  scm::Reach reach_;
  store::sqlite::SqliteOutbox outbox_;
  store::sqlite::SqliteReportStore reports_;
  store::sqlite::SqliteForgeStore forges_;
  forges::Directory directory_;
  events::Pump pump_;
  events::Teller teller_;
  events::Lanes lanes_;
  forges::Redelivery redelivery_;
  TimeMs look_every_ms_;
  events::Hub::Ticket ticket_ = 0;
  bool running_ = false;
  std::jthread looker_;  // asks for deliveries that were missed
};

}  // namespace kiln::app
