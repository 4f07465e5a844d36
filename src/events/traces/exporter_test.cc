// From a build that ended to a collector that answers in every way, over a real store.
#include "events/traces/exporter.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <deque>
#include <memory>
#include <set>

#include "model/trace_ids.h"
#include "testing/memory_store.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

// Answers in turn, the last for ever.
struct Collector {
  std::deque<Result<HttpResponse>> answers{HttpResponse{200, {}, "{}"}};
  std::vector<HttpRequest> got;
};

class CollectorClient final : public HttpClient {
 public:
  explicit CollectorClient(Collector& collector) : collector_(collector) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    collector_.got.push_back(request);
    Result<HttpResponse> answer = collector_.answers.front();
    if (collector_.answers.size() > 1) collector_.answers.pop_front();
    return answer;
  }

 private:
  Collector& collector_;
};

struct Exporting : ::testing::Test {
  testing::TestStore t;
  model::Trigger trigger = t.add_trigger();
  Collector collector;
  std::vector<TracedUpload> uploads;
  TraceExporter exporter{
      {t.traces, t.stories, [this] { return std::make_unique<CollectorClient>(collector); },
       "http://127.0.0.1:4318/v1/traces", "Bearer x", "1.2.3",
       [this](const model::Build&) -> Result<std::vector<TracedUpload>> { return uploads; }}};

  Uuid end_build(model::BuildOutcome outcome) {
    const model::Build build = t.add_build(trigger);
    const store::ClaimRequest request = t.make_claim();
    t.claim_next(request);
    const TimeMs now = t.clock.now();
    model::StoryNotes story;
    story.steps = {{.ordinal = 1,
                    .step = model::StepName::clone,
                    .state = model::StepState::done,
                    .started_on = now,
                    .stopped_on = now + 100},
                   {.ordinal = 2,
                    .step = model::StepName::build,
                    .state = model::StepState::failed,
                    .started_on = now + 100,
                    .stopped_on = now + 400,
                    .command = "npm run build",
                    .exit_code = 3}};
    EXPECT_TRUE(t.queue.append_log(build.uuid, request.lease_id, 1, {}, story));
    t.clock.advance(500);
    EXPECT_TRUE(t.queue.finish(build.uuid, request.lease_id, outcome, {}, {},
                               {"the build command failed", model::StepName::build}));
    store::EventWishes wishes;
    wishes.traces = {build.uuid};
    EXPECT_TRUE(t.outbox.hand_on(t.outbox.waiting(100)->back().number, {}, wishes));
    return build.uuid;
  }
  json::array spans(std::size_t call = 0) {
    return json::parse(collector.got.at(call).body)
        .at("resourceSpans")
        .at(0)
        .at("scopeSpans")
        .at(0)
        .at("spans")
        .as_array();
  }
};

TEST_F(Exporting, TellsABuildWithItsWaitAndItsSteps) {
  uploads = {{t.entropy.uuid(), t.clock.now() + 300, 20}};
  const Uuid build = end_build(model::BuildOutcome::fail);
  ASSERT_TRUE(exporter.send_next()->any);
  ASSERT_EQ(collector.got.size(), 1U);
  EXPECT_EQ(collector.got[0].url, "http://127.0.0.1:4318/v1/traces");
  EXPECT_EQ(collector.got[0].headers.at(1).second, "Bearer x");
  const json::array all = spans();
  std::vector<std::string> names;
  std::set<std::string> ids;
  for (const json::value& span : all) {
    names.emplace_back(span.at("name").as_string());
    ids.emplace(span.at("spanId").as_string());
    EXPECT_EQ(span.at("traceId"), json::string(model::trace_id(build)));
    EXPECT_LE(std::stoull(std::string(span.at("startTimeUnixNano").as_string())),
              std::stoull(std::string(span.at("endTimeUnixNano").as_string())));
    if (span.at("name") != "build" || span.as_object().contains("parentSpanId")) {
      EXPECT_EQ(span.at("parentSpanId"), all.at(0).at("spanId"));
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{"build", "queue", "clone", "build", "upload"}));
  EXPECT_EQ(ids.size(), all.size());
  EXPECT_EQ(all.at(0).at("status").at("code"), 2);
  EXPECT_EQ(all.at(0).at("status").at("message"), "the build command failed");
  EXPECT_EQ(all.at(3).at("spanId"), json::string(model::step_span_id(build, 1, model::StepName::build)));
  EXPECT_EQ(all.at(3).at("endTimeUnixNano").as_string(), std::to_string(t.clock.now() - 100) + "000000");
}

TEST_F(Exporting, NothingIsToldTwiceOnceItWasTaken) {
  end_build(model::BuildOutcome::success);
  EXPECT_TRUE(exporter.send_next()->any);
  EXPECT_FALSE(exporter.send_next()->any);
  EXPECT_EQ(collector.got.size(), 1U);
}

TEST_F(Exporting, ACollectorThatIsAwayGetsTheSameSpansLater) {
  collector.answers = {fail(Errc::unavailable, "refused"), HttpResponse{503, {}, ""},
                       HttpResponse{200, {}, ""}};
  end_build(model::BuildOutcome::success);
  Lanes::Served served = *exporter.send_next();
  EXPECT_EQ(served.rest_ms, 1'000);
  EXPECT_FALSE(exporter.send_next()->any);
  t.clock.advance(1'000);
  served = *exporter.send_next();
  EXPECT_EQ(served.rest_ms, 2'000);
  t.clock.advance(2'000);
  EXPECT_EQ(exporter.send_next()->rest_ms, 0);
  EXPECT_EQ(spans(0), spans(2));
  EXPECT_FALSE(*t.traces.due_on());
}

TEST_F(Exporting, WhatIsRefusedForGoodIsLeft) {
  collector.answers = {HttpResponse{400, {}, "no"}};
  end_build(model::BuildOutcome::success);
  EXPECT_EQ(exporter.send_next()->rest_ms, 0);
  EXPECT_FALSE(*t.traces.due_on());
}

TEST_F(Exporting, OfABuildThatIsGoneNothingIsTold) {
  store::EventWishes wishes;
  wishes.traces = {t.entropy.uuid()};
  ASSERT_TRUE(t.outbox.hand_on(0, {}, wishes));
  EXPECT_TRUE(exporter.send_next()->any);
  EXPECT_TRUE(collector.got.empty());
  EXPECT_FALSE(*t.traces.due_on());
}

}  // namespace
}  // namespace kiln::events
