// What every store must keep of sinks and of what is on its way to them, and how events leave the outbox.
#include <gtest/gtest.h>

#include <algorithm>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Sinks : Contract {
  model::Trigger trigger = t.add_trigger();
  std::string account = trigger.account_id;

  model::Sink add(const std::string& name = "ops") {
    model::Sink sink;
    sink.uuid = t.entropy.uuid();
    sink.account_id = account;
    sink.name = name;
    sink.place = "https://ops.example";
    sink.events = {model::EventKind::build_failed, model::EventKind::deployment_created};
    model::SinkSecrets secrets;
    secrets.url = "https://ops.example/secret";
    secrets.signing = "0123456789abcdef0123456789abcdef";
    secrets.to = {"a@example.org"};
    EXPECT_TRUE(t.sinks.add_sink(sink, secrets));
    return sink;
  }

  SinkWish wish(const model::Sink& sink, std::optional<Uuid> build = {}) {
    return {sink.uuid, t.entropy.uuid(), build, "cf.workersBuilds.worker.build.failed", "{}", t.clock.now()};
  }

  void put(const std::vector<SinkWish>& wishes) {
    EventWishes events;
    events.sinks = wishes;
    ASSERT_TRUE(t.outbox.hand_on(0, {}, events));
  }

  std::optional<DueDelivery> next(const model::Sink& sink) {
    return *t.sink_deliveries.next_delivery(sink.uuid);
  }

  model::SinkDelivery newest(const model::Sink& sink) {
    return t.sink_deliveries.deliveries(account, sink.uuid, {1, 1})->items.at(0);
  }
};

TEST_P(Sinks, AreKeptWithTheirSecretsSealed) {
  const model::Sink sink = add();
  EXPECT_EQ(t.sinks.sink_secrets(sink.uuid)->url, "https://ops.example/secret");
  EXPECT_EQ(t.sinks.sink_secrets(sink.uuid)->signing, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(t.sinks.sink_secrets(sink.uuid)->to, std::vector<std::string>{"a@example.org"});
  EXPECT_EQ(t.sinks.sink(account, sink.uuid)->events.size(), 2U);
  EXPECT_EQ(t.sinks.sink(t.add_account("other").id, sink.uuid).error().code, Errc::not_found);
  model::Sink again = sink;
  again.uuid = t.entropy.uuid();
  EXPECT_EQ(t.sinks.add_sink(again, {}).error().code, Errc::conflict);
}

TEST_P(Sinks, AreChangedAndRemovedWithWhatWaits) {
  model::Sink sink = add();
  put({wish(sink)});
  sink.enabled = false;
  sink.name = "other";
  sink.outcomes = model::SinkOutcomes::changes;
  ASSERT_TRUE(t.sinks.change_sink(sink, {}));
  EXPECT_EQ(t.sinks.sinks(account)->at(0).outcomes, model::SinkOutcomes::changes);
  EXPECT_TRUE(t.sinks.listening_sinks(account)->empty());
  EXPECT_TRUE(t.sink_deliveries.sink_clocks()->empty());
  EXPECT_FALSE(next(sink)) << "nothing is sent to a sink that is off";
  EXPECT_EQ(newest(sink).state, model::DeliveryState::parked) << "nor when it is on again";
  ASSERT_TRUE(t.sinks.delete_sink(account, sink.uuid));
  EXPECT_EQ(t.sinks.delete_sink(account, sink.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.sink_deliveries.deliveries(account, sink.uuid, {1, 1}).error().code, Errc::not_found);
}

TEST_P(Sinks, GetWhatIsDueOnceItIsPutWhateverOften) {
  const model::Sink sink = add();
  const SinkWish one = wish(sink);
  put({one, one});
  put({one});
  ASSERT_EQ(t.sink_deliveries.sink_clocks()->size(), 1U);
  const auto due = next(sink);
  ASSERT_TRUE(due);
  EXPECT_EQ(due->delivery.uuid, one.delivery);
  EXPECT_EQ(due->sink.name, "ops");
  ASSERT_TRUE(t.sink_deliveries.delivered(due->number, {204, "thanks", ""}));
  EXPECT_FALSE(next(sink));
  EXPECT_EQ(newest(sink).state, model::DeliveryState::delivered);
  EXPECT_EQ(newest(sink).answer, "thanks");
  EXPECT_TRUE(t.sink_deliveries.sink_clocks()->empty());
}

TEST_P(Sinks, GetEventsOfOneBuildInOrderAndOthersMeanwhile) {
  const model::Sink sink = add();
  const Uuid build = t.entropy.uuid();
  const SinkWish first = wish(sink, build);
  const SinkWish second = wish(sink, build);
  const SinkWish other = wish(sink, t.entropy.uuid());
  put({first, second, other});
  ASSERT_TRUE(t.sink_deliveries.postpone_delivery(next(sink)->number, 5'000, {500, "", "it answered 500"}));
  EXPECT_EQ(next(sink)->delivery.uuid, other.delivery) << "the second waits for the first";
  ASSERT_TRUE(t.sink_deliveries.delivered(next(sink)->number, {200, "", ""}));
  EXPECT_FALSE(next(sink));
  EXPECT_EQ(t.sink_deliveries.sink_clocks()->at(0).due_on, t.clock.now() + 5'000)
      << "the clock speaks of what next_delivery() gives, or lanes would ask without end";
  t.clock.advance(5'000);
  EXPECT_EQ(next(sink)->delivery.uuid, first.delivery);
  EXPECT_EQ(next(sink)->delivery.attempts, 1);
  ASSERT_TRUE(t.sink_deliveries.park(next(sink)->number, {500, "", "it answered 500"}));
  EXPECT_EQ(next(sink)->delivery.uuid, second.delivery) << "what is parked holds nothing up";
}

TEST_P(Sinks, ThatAreSwitchedOffParkWhatWaits) {
  const model::Sink sink = add();
  put({wish(sink), wish(sink)});
  ASSERT_TRUE(t.sink_deliveries.switch_off(next(sink)->number, {410, "", "it answered 410"}, "gone"));
  EXPECT_FALSE(next(sink));
  EXPECT_FALSE(t.sinks.sink(account, sink.uuid)->enabled);
  EXPECT_EQ(t.sinks.sink(account, sink.uuid)->off_reason, "gone");
  const auto all = t.sink_deliveries.deliveries(account, sink.uuid, {1, 10});
  for (const model::SinkDelivery& one : all->items) EXPECT_EQ(one.state, model::DeliveryState::parked);
  EXPECT_EQ(t.sink_deliveries.send_again(account, sink.uuid, newest(sink).uuid).error().code, Errc::conflict);
  put({wish(sink)});
  EXPECT_EQ(t.sink_deliveries.deliveries(account, sink.uuid, {1, 10})->items.size(), 2U);
}

TEST_P(Sinks, ListDeliveriesPageByPageWithoutTheirBodies) {
  const model::Sink sink = add();
  std::vector<Uuid> all;
  for (int i = 0; i < 3; ++i) {
    const SinkWish one = wish(sink);
    put({one});
    all.insert(all.begin(), one.delivery);
  }
  const auto first = t.sink_deliveries.deliveries(account, sink.uuid, {1, 2});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->total, 3U);
  ASSERT_EQ(first->items.size(), 2U);
  EXPECT_EQ(first->items[0].uuid, all[0]);
  EXPECT_EQ(first->items[0].body, "");
  const auto second = t.sink_deliveries.deliveries(account, sink.uuid, {2, 2});
  ASSERT_EQ(second->items.size(), 1U);
  EXPECT_EQ(second->items[0].uuid, all[2]);
  EXPECT_EQ(t.sink_deliveries.delivery(account, sink.uuid, all[2])->body, "{}");
  EXPECT_EQ(t.sink_deliveries.delivery(account, sink.uuid, t.entropy.uuid()).error().code, Errc::not_found);
  EXPECT_EQ(t.sink_deliveries.delivery("0123456789abcdef0123456789abcdef", sink.uuid, all[2]).error().code,
            Errc::not_found);
}

TEST_P(Sinks, AreSentAgainByHand) {
  const model::Sink sink = add();
  put({wish(sink)});
  const Uuid delivery = newest(sink).uuid;
  EXPECT_EQ(t.sink_deliveries.send_again(account, sink.uuid, delivery).error().code, Errc::conflict)
      << "it is on its way";
  ASSERT_TRUE(t.sink_deliveries.park(next(sink)->number, {500, "", "no"}));
  ASSERT_TRUE(t.sink_deliveries.send_again(account, sink.uuid, delivery));
  EXPECT_EQ(next(sink)->delivery.attempts, 0);
  EXPECT_EQ(t.sink_deliveries.send_again(account, sink.uuid, t.entropy.uuid()).error().code, Errc::not_found);
  model::SinkDelivery test;
  test.uuid = t.entropy.uuid();
  test.event = "kiln.sink.test";
  test.body = "{}";
  ASSERT_TRUE(t.sink_deliveries.add_delivery(account, sink.uuid, test));
  EXPECT_EQ(newest(sink).event, "kiln.sink.test");
  test.uuid = t.entropy.uuid();
  EXPECT_EQ(t.sink_deliveries.add_delivery(account, sink.uuid, test).error().code, Errc::conflict)
      << "one waits";
}

TEST_P(Sinks, ThatTakeNothingHaveNoMoreWaitingThanTheMost) {
  const model::Sink sink = add();
  const SinkWish first = wish(sink);
  std::vector<SinkWish> wishes = {first};
  for (int i = 0; i < kMostWaitingDeliveries + 40; ++i) wishes.push_back(wish(sink));
  put(wishes);
  const auto all = t.sink_deliveries.deliveries(account, sink.uuid, {1, 2 * kMostWaitingDeliveries});
  const auto waiting = std::count_if(
      all->items.begin(), all->items.end(),
      [](const model::SinkDelivery& one) { return one.state == model::DeliveryState::waiting; });
  EXPECT_GE(waiting, kMostWaitingDeliveries);
  EXPECT_LT(waiting, kMostWaitingDeliveries + 20);
  EXPECT_EQ(all->items.back().uuid, first.delivery);
  EXPECT_EQ(all->items.back().error, "too many waited");
}

TEST_P(Sinks, KeepNoMoreThanTheNewestThatAreOver) {
  const model::Sink sink = add();
  for (int i = 0; i < kMostSinkDeliveries + 20; ++i) {
    put({wish(sink)});
    ASSERT_TRUE(t.sink_deliveries.delivered(next(sink)->number, {200, "", ""}));
  }
  put({wish(sink)});
  EXPECT_EQ(t.sink_deliveries.deliveries(account, sink.uuid, {1, 1'000})->items.size(),
            static_cast<std::size_t>(kMostSinkDeliveries) + 1);
}

TEST_P(Sinks, HearOfTheOutboxOnlyWhereSomebodyListens) {
  ASSERT_TRUE(
      t.outbox.hand_on(t.outbox.waiting(100)->empty() ? 0 : t.outbox.waiting(100)->back().number, {}, {}));
  const model::Build build = t.add_build(trigger);
  EXPECT_FALSE(t.outbox.waiting(100)->at(0).listened);
  const model::Sink sink = add();
  const auto rows = t.outbox.waiting(100);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_TRUE(rows->at(0).listened);
  EXPECT_EQ(rows->at(0).worker_name, "hello");
  EventWishes events;
  events.sinks = {wish(sink, build.uuid)};
  ASSERT_TRUE(t.outbox.hand_on(rows->back().number, {}, events));
  EXPECT_TRUE(t.outbox.waiting(100)->empty());
  EXPECT_EQ(next(sink)->delivery.build, build.uuid);
}

TEST_P(Sinks, AreToldOfDeploymentsPreviewsAndRefusedDeliveries) {
  NewVersion made;
  made.version.id = t.entropy.uuid();
  made.version.worker_tag = trigger.worker_tag;
  const auto deploy = [&] {
    model::Deployment deployment;
    deployment.id = t.entropy.uuid();
    deployment.worker_tag = trigger.worker_tag;
    deployment.versions = {{made.version.id, 100}};
    made.deployment = deployment;
  };
  deploy();
  ASSERT_TRUE(t.versions.add_version(made));
  EXPECT_TRUE(t.outbox.waiting(100)->empty()) << "nobody listens";
  add();
  made.version.id = t.entropy.uuid();
  deploy();
  ASSERT_TRUE(t.versions.add_version(made));
  const auto rows = t.outbox.waiting(100);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->at(0).move, model::Happening::deployed);
  EXPECT_TRUE(rows->at(0).build.is_nil());
  EXPECT_EQ(rows->at(0).account_id, account);
  EXPECT_EQ(rows->at(0).worker_name, "hello");
  EXPECT_TRUE(Uuid::parse(rows->at(0).detail));
}

TEST_P(Sinks, KnowHowTheBuildBeforeEnded) {
  const auto ended = [&](const std::string& branch, model::BuildOutcome outcome) {
    const model::Build build = t.add_build(trigger, branch);
    const ClaimRequest request = t.make_claim();
    t.claim_next(request);
    EXPECT_TRUE(t.queue.finish(build.uuid, request.lease_id, outcome, {}));
    return build;
  };
  const auto before = [&](const model::Build& build) { return *t.sinks.outcome_before(account, build.uuid); };
  const model::Build first = ended("main", model::BuildOutcome::fail);
  EXPECT_FALSE(before(first));
  ended("feature", model::BuildOutcome::success);
  const model::Build skipped = t.add_build(trigger);
  ASSERT_TRUE(t.queue.cancel(account, skipped.uuid, "enough"));
  const model::Build last = t.add_build(trigger);
  EXPECT_EQ(before(last), model::BuildOutcome::fail) << "of the same branch, and not the one cancelled";
}

KILN_CONTRACT(Sinks);

}  // namespace
}  // namespace kiln::store::contract
