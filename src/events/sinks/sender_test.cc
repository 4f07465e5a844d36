// From what happened to the sink: over a real store, with sinks that answer in every way.
#include "events/sinks/sender.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <deque>

#include "events/sinks/fan_out.h"
#include "testing/memory_store.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

struct NoReports final : ReportSource {
  Result<model::BuildReport> report(const std::string&, const Uuid&) override {
    return fail(Errc::not_found, "none");
  }
};

// Answers in turn, the last for ever.
struct Receiver {
  std::deque<Result<HttpResponse>> answers;
  std::vector<HttpRequest> got;
};

class ReceiverClient final : public HttpClient {
 public:
  explicit ReceiverClient(Receiver& receiver) : receiver_(receiver) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    receiver_.got.push_back(request);
    Result<HttpResponse> answer = receiver_.answers.front();
    if (receiver_.answers.size() > 1) receiver_.answers.pop_front();
    if (answer && request.on_data) request.on_data(answer->body);
    return answer;
  }

 private:
  Receiver& receiver_;
};

struct SenderTest : ::testing::Test {
  testing::TestStore t;
  model::Trigger trigger = t.add_trigger();
  NoReports reports;
  Receiver receiver;
  FanOut fan_out{{t.subscriptions, t.sinks, t.builds}};
  Sender sender{{t.sink_deliveries, t.sinks, reports, t.clock,
                 [this](const std::string&) { return std::make_unique<ReceiverClient>(receiver); },
                 [] { return std::unique_ptr<Mailer>(); }}};

  model::Sink add(model::SinkOutcomes outcomes = model::SinkOutcomes::all, bool production = false) {
    model::Sink sink;
    sink.uuid = t.entropy.uuid();
    sink.account_id = trigger.account_id;
    sink.name = sink.uuid.str();
    sink.events = {model::EventKind::build_queued, model::EventKind::build_canceled,
                   model::EventKind::build_failed, model::EventKind::build_succeeded};
    sink.outcomes = outcomes;
    sink.production_only = production;
    model::SinkSecrets secrets;
    secrets.url = "https://ops.example/kiln";
    secrets.signing = std::string(32, 's');
    EXPECT_TRUE(t.sinks.add_sink(sink, secrets));
    return sink;
  }

  void hand_all_on() {
    const auto rows = t.outbox.waiting(1'000);
    if (rows->empty()) return;
    const Result<store::EventWishes> wishes = fan_out.wishes(*rows);
    ASSERT_TRUE(wishes);
    ASSERT_TRUE(t.outbox.hand_on(rows->back().number, {}, *wishes));
  }

  void end_build(const std::string& branch, model::BuildOutcome outcome) {
    const model::Build build = t.add_build(trigger, branch);
    const store::ClaimRequest request = t.make_claim();
    t.claim_next(request);
    ASSERT_TRUE(t.queue.finish(build.uuid, request.lease_id, outcome));
    hand_all_on();
  }

  std::vector<std::string> told(const model::Sink& sink) {
    std::vector<std::string> out;
    const auto all = t.sink_deliveries.deliveries(trigger.account_id, sink.uuid, {1, 1'000});
    for (auto one = all->items.rbegin(); one != all->items.rend(); ++one)
      out.push_back(one->event.substr(one->event.rfind('.') + 1));
    return out;
  }
};

using Words = std::vector<std::string>;

TEST_F(SenderTest, SendsSignedEventsInOrder) {
  const model::Sink sink = add();
  hand_all_on();
  const model::Build build = t.add_build(trigger);
  ASSERT_TRUE(t.queue.cancel(trigger.account_id, build.uuid, "enough"));
  hand_all_on();
  receiver.answers = {HttpResponse{204, {}, ""}};
  while (sender.send_next(sink.uuid.str())->any) {
  }
  ASSERT_EQ(receiver.got.size(), 2U);
  EXPECT_EQ(json::parse(receiver.got[0].body).at("type"), "kiln.build.queued");
  EXPECT_EQ(json::parse(receiver.got[1].body).at("type"), "cf.workersBuilds.worker.build.canceled");
  EXPECT_EQ(receiver.got[0].headers.at(0).first, "webhook-id");
  EXPECT_NE(receiver.got[0].headers.at(0).second, receiver.got[1].headers.at(0).second);
  EXPECT_EQ(receiver.got[0].timeout_ms, 15'000);
}

TEST_F(SenderTest, TriesAgainUnderTheSameIdAndKeepsTheAnswer) {
  const model::Sink sink = add();
  t.add_build(trigger);
  hand_all_on();
  receiver.answers = {HttpResponse{500, {}, "broken"}, fail(Errc::timeout, "no answer in time"),
                      HttpResponse{200, {}, "ok"}};
  EXPECT_TRUE(sender.send_next(sink.uuid.str())->any);
  EXPECT_FALSE(sender.send_next(sink.uuid.str())->any);
  const auto first = t.sink_deliveries.deliveries(trigger.account_id, sink.uuid, {1, 1})->items.at(0);
  EXPECT_EQ(first.status, 500);
  EXPECT_EQ(first.answer, "broken");
  EXPECT_EQ(*first.due_on, t.clock.now() + 5'000);
  t.clock.advance(5'000);
  EXPECT_TRUE(sender.send_next(sink.uuid.str())->any);
  t.clock.advance(300'000);
  EXPECT_TRUE(sender.send_next(sink.uuid.str())->any);
  ASSERT_EQ(receiver.got.size(), 3U);
  EXPECT_EQ(receiver.got[0].headers.at(0), receiver.got[2].headers.at(0));
  EXPECT_EQ(receiver.got[0].body, receiver.got[2].body);
  EXPECT_EQ(t.sink_deliveries.deliveries(trigger.account_id, sink.uuid, {1, 1})->items.at(0).state,
            model::DeliveryState::delivered);
}

TEST_F(SenderTest, RestsWhereItIsAskedToAndSwitchesOffWhatIsGone) {
  const model::Sink sink = add();
  t.add_build(trigger);
  hand_all_on();
  receiver.answers = {HttpResponse{429, {{"retry-after", "60"}}, ""}, HttpResponse{410, {}, ""}};
  EXPECT_EQ(sender.send_next(sink.uuid.str())->rest_ms, 60'000);
  t.clock.advance(59'000);
  EXPECT_FALSE(sender.send_next(sink.uuid.str())->any);
  t.clock.advance(1'000);
  EXPECT_TRUE(sender.send_next(sink.uuid.str())->any);
  EXPECT_FALSE(t.sinks.sink(trigger.account_id, sink.uuid)->enabled);
}

TEST_F(SenderTest, WhatASinkAsksForHoldsForAllThatWaitsAndComes) {
  const model::Sink sink = add();
  t.add_build(trigger);
  t.add_build(trigger);
  hand_all_on();
  receiver.answers = {HttpResponse{429, {{"retry-after", "3600"}}, ""}, HttpResponse{204, {}, ""}};
  EXPECT_TRUE(sender.send_next(sink.uuid.str())->any);
  t.add_build(trigger);
  hand_all_on();
  t.clock.advance(3'599'000);
  EXPECT_FALSE(sender.send_next(sink.uuid.str())->any);
  EXPECT_EQ(receiver.got.size(), 1U);
  t.clock.advance(1'000);
  while (sender.send_next(sink.uuid.str())->any) {
  }
  EXPECT_EQ(receiver.got.size(), 4U);
}

TEST_F(SenderTest, GivesUpWhatNobodyTakesForDays) {
  const model::Sink sink = add();
  t.add_build(trigger);
  hand_all_on();
  receiver.answers = {fail(Errc::unavailable, "connection refused")};
  for (int i = 0; i < 9; ++i) {
    EXPECT_TRUE(sender.send_next(sink.uuid.str())->any) << i;
    t.clock.advance(TimeMs{20} * 3'600'000);
  }
  EXPECT_FALSE(sender.send_next(sink.uuid.str())->any);
  const auto parked = t.sink_deliveries.deliveries(trigger.account_id, sink.uuid, {1, 1})->items.at(0);
  EXPECT_EQ(parked.state, model::DeliveryState::parked);
  EXPECT_EQ(parked.attempts, 9);
  EXPECT_EQ(parked.error, "connection refused");
}

TEST_F(SenderTest, TellsChangesOfABranchAlone) {
  const model::Sink sink = add(model::SinkOutcomes::changes);
  using enum model::BuildOutcome;
  for (const model::BuildOutcome outcome : {success, fail, fail, success, success, terminated})
    end_build("main", outcome);
  end_build("other", success);
  Words endings = told(sink);
  std::erase(endings, "queued");
  EXPECT_EQ(endings, (Words{"failed", "succeeded", "failed"}));
}

TEST_F(SenderTest, TellsOfProductionAlone) {
  const model::Sink sink = add(model::SinkOutcomes::all, true);
  end_build("feature", model::BuildOutcome::fail);
  EXPECT_TRUE(told(sink).empty());
  end_build("main", model::BuildOutcome::fail);
  EXPECT_EQ(told(sink), (Words{"queued", "failed"}));
}

TEST_F(SenderTest, MessagesOfTheSameRowsAreTheSame) {
  add();
  const model::MessageQueue queue{t.entropy.hex32(), trigger.account_id, "builds", {}, 0, 0};
  ASSERT_TRUE(t.queues.add_queue(queue));
  ASSERT_TRUE(t.subscriptions.add_subscription({t.entropy.hex32(),
                                                trigger.account_id,
                                                "all",
                                                true,
                                                "hello",
                                                queue.id,
                                                {model::EventKind::build_queued},
                                                0,
                                                0}));
  t.add_build(trigger);
  const auto rows = t.outbox.waiting(100);
  const Result<store::EventWishes> once = fan_out.wishes(*rows);
  const Result<store::EventWishes> twice = fan_out.wishes(*rows);
  ASSERT_EQ(once->queues.size(), 1U);
  ASSERT_EQ(once->sinks.size(), 1U);
  EXPECT_EQ(once->queues[0].message, twice->queues[0].message);
  EXPECT_EQ(once->sinks[0].delivery, twice->sinks[0].delivery);
  EXPECT_NE(once->queues[0].message, once->sinks[0].delivery);
  ASSERT_TRUE(t.outbox.hand_on(0, {}, *once));
  ASSERT_TRUE(t.outbox.hand_on(rows->back().number, {}, *twice));
  EXPECT_EQ(t.messages.backlog(trigger.account_id, queue.id)->count, 1);
  EXPECT_EQ(t.sink_deliveries.deliveries(trigger.account_id, once->sinks[0].sink, {1, 10})->items.size(), 1U);
}

}  // namespace
}  // namespace kiln::events
