#include "wire/event_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "model/event.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

model::Build ended_build() {
  model::Build build;
  build.uuid = *Uuid::parse("5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");
  build.status = model::BuildStatus::stopped;
  build.outcome = model::BuildOutcome::terminated;
  build.created_on = 1'000;
  build.initializing_on = 2'000;
  build.running_on = 3'000;
  build.stopped_on = 4'000;
  build.metadata.branch = "main";
  build.metadata.commit_message = "Fix\x1b[31m it";
  build.metadata.source = model::TriggerSource::pull_request;
  return build;
}

json::object of(model::EventKind kind, std::string detail = {}) {
  return event_json(
      {kind, "0123456789abcdef0123456789abcdef", "shop", 4'000, ended_build(), std::move(detail)}, "sub");
}

TEST(EventJson, IsTheEnvelopeOfEventSubscriptions) {
  const json::object event = of(model::EventKind::build_failed);
  EXPECT_EQ(event.at("type"), "cf.workersBuilds.worker.build.failed");
  EXPECT_EQ(event.at("source"), (json::value{{"type", "workersBuilds.worker"}, {"workerName", "shop"}}));
  EXPECT_EQ(event.at("metadata"), (json::value{{"accountId", "0123456789abcdef0123456789abcdef"},
                                               {"eventSubscriptionId", "sub"},
                                               {"eventSchemaVersion", 1},
                                               {"eventTimestamp", "1970-01-01T00:00:04.000Z"}}));
  const json::object& payload = event.at("payload").as_object();
  EXPECT_EQ(payload.at("status"), "failed");
  EXPECT_EQ(payload.at("buildOutcome"), "failure");
  EXPECT_EQ(payload.at("stoppedAt"), "1970-01-01T00:00:04.000Z");
  const json::object& metadata = payload.at("buildTriggerMetadata").as_object();
  EXPECT_EQ(metadata.at("buildTriggerSource"), "pull_request");
  EXPECT_EQ(metadata.at("branch"), "main");
  EXPECT_EQ(std::string(metadata.at("commitMessage").as_string()).find('\x1b'), std::string::npos);
  EXPECT_EQ(metadata.size(), 11U);
}

TEST(EventJson, TellsNothingOfWhatCameLater) {
  const json::object started = of(model::EventKind::build_started).at("payload").as_object();
  EXPECT_EQ(started.at("status"), "running");
  EXPECT_TRUE(started.at("buildOutcome").is_null());
  EXPECT_TRUE(started.at("stoppedAt").is_null());
  EXPECT_EQ(started.at("runningAt"), "1970-01-01T00:00:03.000Z");
  const json::object queued = of(model::EventKind::build_queued).at("payload").as_object();
  EXPECT_TRUE(queued.at("initializingAt").is_null());
  EXPECT_TRUE(queued.at("runningAt").is_null());
}

TEST(EventJson, NamesWhatItIsAbout) {
  EXPECT_EQ(of(model::EventKind::version_created, "v").at("payload").as_object().at("versionId"), "v");
  const json::object test = event_json({model::EventKind::sink_test, "a", "", 0, {}, {}}, "sink");
  EXPECT_EQ(test.at("source"), (json::value{{"type", "kiln"}}));
  EXPECT_FALSE(test.at("payload").as_object().contains("buildUuid"));
}

}  // namespace
}  // namespace kiln::wire
