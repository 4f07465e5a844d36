// Reports from a store to a GitHub in memory, by a process that a test can end and begin anew. For tests; one
// thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "events/reports/pump.h"
#include "events/reports/teller.h"
#include "scm/forge/github_for_test.h"
#include "testing/memory_store.h"

namespace kiln::events {

// What the store says of a build, without words that only readers need.
class PlainSource final : public ReportSource {
 public:
  explicit PlainSource(store::BuildStore& builds) : builds_(builds) {}
  Result<model::BuildReport> report(const std::string& account_id, const Uuid& uuid) override {
    const Result<store::BuildRow> row = builds_.row(account_id, uuid);
    if (!row) return tl::unexpected<Error>(row.error());
    model::BuildReport report;
    report.build = uuid;
    report.worker_name = row->worker_name;
    report.commit = row->build.metadata.commit_hash;
    report.state = row->build.status == model::BuildStatus::stopped ? model::ReportState::cancelled
                                                                    : model::ReportState::queued;
    report.created_on = row->build.created_on;
    report.stopped_on = row->build.stopped_on;
    report.sentence = "so";
    return report;
  }

 private:
  store::BuildStore& builds_;
};

struct TellerTest : ::testing::Test {
  testing::TestStore t;
  scm::FakeGithub github;
  model::Trigger trigger = t.add_trigger();
  std::string host;

  // A process: what it knows besides the store dies with it.
  struct Running {
    explicit Running(TellerTest& test)
        : directory(
              test.t.connections, test.t.forges, test.t.clock,
              [&test](const std::string&) { return std::make_unique<scm::FakeGithub::Client>(test.github); }),
          source(test.t.builds),
          pump(test.t.outbox,
               [this](const std::string& account, const Uuid& connection) {
                 return directory.host_of(account, connection);
               }),
          teller({test.t.reports, directory, source, [] { return 0.0; }}) {}
    forges::Directory directory;
    PlainSource source;
    Pump pump;
    Teller teller;
  };

  TellerTest() {
    const model::ForgeRecord record{t.entropy.uuid(),
                                    trigger.account_id,
                                    "github",
                                    "https://github.com",
                                    "https://api.example",
                                    "",
                                    "",
                                    "",
                                    "",
                                    5};
    EXPECT_TRUE(t.forges.keep_forge(record, {"", "", "t1"}));
    host = "https://api.example " + record.uuid.str();
  }

  void tell_until_done(Running& process, int most = 50) {
    for (int i = 0; i < most; ++i) {
      ASSERT_TRUE(process.pump.hand_on());
      const Result<Teller::Told> told = process.teller.tell_next(host);
      ASSERT_TRUE(told) << told.error().message;
      if (told->any && told->rest_ms == 0) continue;
      const auto waiting = t.reports.hosts();
      if (waiting->empty()) return;
      t.clock.advance(10 * 60'000);
    }
    FAIL() << "never done";
  }
};

}  // namespace kiln::events
