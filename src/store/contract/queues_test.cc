// What every store must do with message queues and the subscriptions that fill them.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Queues : Contract {
  model::Account account = t.add_account();

  model::MessageQueue add(const std::string& name) {
    model::MessageQueue queue{t.entropy.hex32(), account.id, name, {}, t.clock.now(), t.clock.now()};
    EXPECT_TRUE(t.queues.add_queue(queue));
    return queue;
  }

  model::MessageQueue add_pulled(const std::string& name, const std::string& dead = "", int max_retries = 3) {
    const model::MessageQueue queue = add(name);
    model::QueueConsumer consumer;
    consumer.id = t.entropy.hex32();
    consumer.max_retries = max_retries;
    consumer.dead_letter_queue = dead;
    EXPECT_TRUE(t.queues.add_consumer(account.id, queue.id, consumer));
    return queue;
  }

  void send(const model::MessageQueue& queue, const std::string& body,
            std::optional<std::int64_t> delay_s = {}) {
    EXPECT_TRUE(
        t.messages.send(account.id, queue.id, {{t.entropy.uuid(), body, model::ContentType::text, delay_s}}));
  }

  Pulled pull(const model::MessageQueue& queue, int most = 10, TimeMs visibility_ms = 1'000) {
    const auto pulled = t.messages.pull(account.id, queue.id, most, visibility_ms);
    EXPECT_TRUE(pulled) << (pulled ? "" : pulled.error().message);
    return pulled ? *pulled : Pulled{};
  }

  static std::vector<std::string> bodies(const Pulled& pulled) {
    std::vector<std::string> out;
    for (const QueuedMessage& one : pulled.messages) out.push_back(one.body);
    return out;
  }
};

using Bodies = std::vector<std::string>;

TEST_P(Queues, AreListedNamedAndGoneOnceDeleted) {
  const model::MessageQueue first = add("first");
  add("second");
  EXPECT_EQ(t.queues.add_queue({t.entropy.hex32(), account.id, "first", {}, 0, 0}).error().code,
            Errc::conflict);
  EXPECT_EQ(t.queues.queues(account.id, {}, {})->total, 2U);
  const auto named = t.queues.queues(account.id, {"second", "none"}, {});
  ASSERT_EQ(named->items.size(), 1U);
  EXPECT_EQ(named->items[0].queue.name, "second");
  EXPECT_EQ(t.queues.queue(t.add_account("other").id, first.id).error().code, Errc::not_found);
  model::MessageQueue changed = first;
  changed.name = "renamed";
  changed.settings = {5, 120, true};
  ASSERT_TRUE(t.queues.change_queue(changed));
  EXPECT_EQ(t.queues.queue(account.id, first.id)->queue.settings.retention_s, 120);
  changed.name = "second";
  EXPECT_EQ(t.queues.change_queue(changed).error().code, Errc::conflict);
  ASSERT_TRUE(t.queues.delete_queue(account.id, first.id));
  EXPECT_EQ(t.queues.delete_queue(account.id, first.id).error().code, Errc::not_found);
}

TEST_P(Queues, HaveOneConsumerWhoseDeadLettersGoToAQueueThatIsThere) {
  const model::MessageQueue queue = add("builds");
  EXPECT_EQ(t.messages.pull(account.id, queue.id, {}, {}).error().code, Errc::conflict);
  model::QueueConsumer consumer;
  consumer.id = t.entropy.hex32();
  consumer.dead_letter_queue = "dead";
  EXPECT_EQ(t.queues.add_consumer(account.id, queue.id, consumer).error().field, "dead_letter_queue");
  add("dead");
  consumer.dead_letter_queue = "builds";
  EXPECT_EQ(t.queues.add_consumer(account.id, queue.id, consumer).error().field, "dead_letter_queue")
      << "its own";
  consumer.dead_letter_queue = "dead";
  ASSERT_TRUE(t.queues.add_consumer(account.id, queue.id, consumer));
  EXPECT_EQ(t.queues.add_consumer(account.id, queue.id, consumer).error().code, Errc::conflict);
  consumer.batch_size = 7;
  ASSERT_TRUE(t.queues.change_consumer(account.id, queue.id, consumer));
  EXPECT_EQ(t.queues.queue(account.id, queue.id)->consumers.at(0).batch_size, 7);
  ASSERT_TRUE(t.queues.delete_consumer(account.id, queue.id, consumer.id));
  EXPECT_EQ(t.queues.delete_consumer(account.id, queue.id, consumer.id).error().code, Errc::not_found);
}

TEST_P(Queues, HandEachMessageToOneUntilItsLeaseEnds) {
  const model::MessageQueue queue = add_pulled("builds");
  send(queue, "one");
  send(queue, "two");
  const Pulled first = pull(queue, 1);
  EXPECT_EQ(bodies(first), Bodies{"one"});
  EXPECT_EQ(first.backlog.count, 2);
  EXPECT_EQ(bodies(pull(queue)), Bodies{"two"});
  EXPECT_TRUE(pull(queue).messages.empty());
  t.clock.advance(1'000);
  const Pulled again = pull(queue);
  EXPECT_EQ(bodies(again), (Bodies{"one", "two"}));
  EXPECT_EQ(again.messages[0].attempts, 2);
  EXPECT_EQ(again.messages[0].id, first.messages[0].id);
  EXPECT_NE(again.messages[0].lease, first.messages[0].lease);
  EXPECT_EQ(t.messages.acknowledge(account.id, queue.id, {first.messages[0].lease}, {})->unknown,
            std::vector<std::string>{first.messages[0].lease})
      << "somebody else has it by now";
}

TEST_P(Queues, ForgetWhatIsAcknowledgedAndGiveBackTheRest) {
  const model::MessageQueue queue = add_pulled("builds");
  send(queue, "one");
  send(queue, "two");
  const Pulled pulled = pull(queue);
  const auto done = t.messages.acknowledge(account.id, queue.id, {pulled.messages[0].lease, "ab"},
                                           {{pulled.messages[1].lease, 3}});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->done, 1);
  EXPECT_EQ(done->given_back, 1);
  EXPECT_EQ(done->unknown, std::vector<std::string>{"ab"});
  EXPECT_TRUE(pull(queue).messages.empty());
  t.clock.advance(3'000);
  EXPECT_EQ(bodies(pull(queue)), Bodies{"two"});
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 1);
}

TEST_P(Queues, BuryWhatWasHandedOutTooOften) {
  const model::MessageQueue dead = add_pulled("dead");
  const model::MessageQueue queue = add_pulled("builds", "dead", 1);
  send(queue, "poison");
  pull(queue);
  t.clock.advance(1'000);
  const Pulled last = pull(queue);
  ASSERT_EQ(last.messages.size(), 1U);
  ASSERT_TRUE(t.messages.acknowledge(account.id, queue.id, {}, {{last.messages[0].lease, {}}}));
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 0);
  EXPECT_EQ(bodies(pull(dead)), Bodies{"poison"});
  EXPECT_EQ(t.messages.backlog(account.id, dead.id)->bytes, 6);
}

TEST_P(Queues, StayWhileOthersBuryThere) {
  const model::MessageQueue dead = add("dead");
  const model::MessageQueue queue = add_pulled("builds", "dead", 0);
  const Status refused = t.queues.delete_queue(account.id, dead.id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().message.find("builds"), std::string::npos) << refused.error().message;
  ASSERT_TRUE(t.queues.delete_queue(account.id, queue.id));
  EXPECT_TRUE(t.queues.delete_queue(account.id, dead.id));
}

TEST_P(Queues, HoldToTheirRetentionThoughNobodyTakesFromThem) {
  model::MessageQueue queue{t.entropy.hex32(), account.id, "builds", {0, 60, false}, 0, 0};
  ASSERT_TRUE(t.queues.add_queue(queue));
  const auto put = [&] {
    EventWishes events;
    events.queues = {{account.id, queue.id, t.entropy.uuid(), "{}"}};
    ASSERT_TRUE(t.outbox.hand_on(0, {}, events));
  };
  put();
  t.clock.advance(60'000);
  put();
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 1);
}

TEST_P(Queues, FindWhatCanBeTakenBehindWhatIsBuried) {
  const model::MessageQueue queue = add_pulled("builds", "", 0);
  for (int i = 0; i < 3; ++i) send(queue, "poison");
  pull(queue);
  t.clock.advance(1'000);
  send(queue, "fine");
  EXPECT_EQ(bodies(pull(queue, 1)), Bodies{"fine"});
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 1);
}

TEST_P(Queues, DelayPauseAndForgetInTime) {
  const model::MessageQueue queue = add_pulled("builds");
  send(queue, "late", 10);
  EXPECT_TRUE(pull(queue).messages.empty());
  t.clock.advance(10'000);
  model::MessageQueue paused = queue;
  paused.settings.paused = true;
  ASSERT_TRUE(t.queues.change_queue(paused));
  EXPECT_TRUE(pull(queue).messages.empty());
  ASSERT_TRUE(t.queues.change_queue(queue));
  EXPECT_EQ(bodies(pull(queue)), Bodies{"late"});
  t.clock.advance(queue.settings.retention_s * 1'000);
  EXPECT_TRUE(pull(queue).messages.empty());
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 0);
}

TEST_P(Queues, ShowWhatIsNextWithoutTakingItAndDropWhatIsNamed) {
  const model::MessageQueue queue = add_pulled("builds");
  send(queue, "one");
  send(queue, "two");
  const auto seen = t.messages.peek(account.id, queue.id, 10);
  ASSERT_EQ(seen->size(), 2U);
  EXPECT_TRUE((*seen)[0].lease.empty());
  ASSERT_TRUE(t.messages.remove(account.id, queue.id, {(*seen)[0].id}));
  EXPECT_EQ(bodies(pull(queue)), Bodies{"two"});
  EXPECT_FALSE(*t.messages.purged_on(account.id, queue.id));
  ASSERT_TRUE(t.messages.purge(account.id, queue.id));
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 0);
  EXPECT_EQ(*t.messages.purged_on(account.id, queue.id), t.clock.now());
}

TEST_P(Queues, TakeAMessageOfOneIdOnce) {
  const model::MessageQueue queue = add_pulled("builds");
  const NewMessage message{t.entropy.uuid(), "one", model::ContentType::json, {}};
  ASSERT_TRUE(t.messages.send(account.id, queue.id, {message, message}));
  EXPECT_EQ(pull(queue).messages.size(), 1U);
}

TEST_P(Queues, AreFilledBySubscriptionsWhichGoWithThem) {
  const model::MessageQueue queue = add("builds");
  model::EventSubscription one{
      t.entropy.hex32(), account.id, "all", true, "hello", queue.id, {model::EventKind::build_failed}, 5, 6};
  ASSERT_TRUE(t.subscriptions.add_subscription(one));
  model::EventSubscription nowhere = one;
  nowhere.id = t.entropy.hex32();
  nowhere.queue_id = t.entropy.hex32();
  EXPECT_EQ(t.subscriptions.add_subscription(nowhere).error().field, "destination.queue_id");
  EXPECT_EQ(t.subscriptions.listening_subscriptions(account.id)->size(), 1U);
  EXPECT_EQ(t.subscriptions.subscriptions(account.id, queue.id, {})->items.at(0).events,
            std::vector<model::EventKind>{model::EventKind::build_failed});
  EXPECT_EQ(t.subscriptions.subscriptions(account.id, "", {})->total, 1U);
  EXPECT_EQ(t.subscriptions.subscription(t.add_account("other").id, one.id).error().code, Errc::not_found);
  one.enabled = false;
  one.name = "none";
  ASSERT_TRUE(t.subscriptions.change_subscription(one));
  EXPECT_TRUE(t.subscriptions.listening_subscriptions(account.id)->empty());
  EXPECT_EQ(t.subscriptions.subscription(account.id, one.id)->name, "none");
  ASSERT_TRUE(t.queues.delete_queue(account.id, queue.id));
  EXPECT_EQ(t.subscriptions.delete_subscription(account.id, one.id).error().code, Errc::not_found);
}

KILN_CONTRACT(Queues);

}  // namespace
}  // namespace kiln::store::contract
