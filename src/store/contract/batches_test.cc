// What every store must do with queues that Workers consume: when a batch is due, and what becomes of it.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using Bodies = std::vector<std::string>;

struct Batches : Contract {
  model::Account account = t.add_account();
  model::Worker worker = t.add_worker(account.id, "hello");
  model::MessageQueue queue = add("orders");
  model::QueueConsumer consumer = consume(queue);

  model::MessageQueue add(const std::string& name) {
    model::MessageQueue made{t.entropy.hex32(), account.id, name, {}, t.clock.now(), t.clock.now()};
    EXPECT_TRUE(t.queues.add_queue(made));
    return made;
  }
  model::QueueConsumer consume(const model::MessageQueue& of) {
    model::QueueConsumer made = model::usual_worker_consumer();
    made.id = t.entropy.hex32();
    made.batch_size = 2;
    made.max_retries = 1;
    made.max_wait_ms = 5'000;
    made.worker_name = worker.name;
    EXPECT_TRUE(t.queues.add_consumer(account.id, of.id, made));
    return made;
  }
  void change(void (*how)(model::QueueConsumer&)) {
    how(consumer);
    EXPECT_TRUE(t.queues.change_consumer(account.id, queue.id, consumer));
  }
  void send(const std::string& body, std::optional<std::int64_t> delay_s = {}) {
    EXPECT_TRUE(
        t.messages.send(account.id, queue.id, {{t.entropy.uuid(), body, model::ContentType::text, delay_s}}));
  }
  Batch take() {
    const auto taken = t.batches.take(account.id, queue.id, 60'000);
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    return taken && taken->batch ? *taken->batch : Batch{};
  }
  std::optional<TimeMs> next() { return *t.batches.next_batch(account.id, queue.id); }
  static Bodies bodies(const Batch& batch) {
    Bodies out;
    for (const QueuedMessage& one : batch.messages) out.push_back(one.body);
    return out;
  }
  static std::vector<std::string> leases(const Batch& batch) {
    std::vector<std::string> out;
    for (const QueuedMessage& one : batch.messages) out.push_back(one.lease);
    return out;
  }
  Acknowledged again(const Batch& batch, std::optional<std::int64_t> delay_s = {}) {
    std::vector<GivenBack> back;
    for (const std::string& lease : leases(batch)) back.push_back({lease, delay_s});
    return *t.messages.acknowledge(account.id, queue.id, {}, back);
  }
};

TEST_P(Batches, AreDueWhenTheyAreFullOrHaveWaited) {
  EXPECT_EQ(next(), std::nullopt);
  send("one");
  EXPECT_EQ(next(), 5'000);
  EXPECT_TRUE(take().messages.empty());
  t.clock.advance(5'000);
  EXPECT_EQ(next(), 0);
  const Batch first = take();
  EXPECT_EQ(bodies(first), Bodies{"one"});
  EXPECT_EQ(first.queue.queue_name, "orders");
  EXPECT_EQ(first.queue.worker_name, "hello");
  EXPECT_EQ(first.backlog.count, 1);
  EXPECT_EQ(first.messages[0].attempts, 1);
  for (const char* body : {"two", "three", "four"}) send(body);
  EXPECT_EQ(next(), 0) << "full";
  EXPECT_EQ(bodies(take()), (Bodies{"two", "three"}));
  EXPECT_EQ(next(), 5'000);
}

TEST_P(Batches, ComeInTheirDelay) {
  send("late", 10);
  EXPECT_EQ(next(), 10'000);
  t.clock.advance(10'000);
  EXPECT_EQ(next(), 5'000);
}

TEST_P(Batches, HaveNoMoreBytesThanOneCallIsGiven) {
  change([](model::QueueConsumer& c) { c.batch_size = 100; });
  const std::string large(BatchStore::kLargestBatch / 2, 'x');
  for (int i = 0; i < 3; ++i) send(large);
  EXPECT_EQ(take().messages.size(), 2U);
}

TEST_P(Batches, ComeAgainAtOnceOrAfterTheirDelayUntilTheyAreBuried) {
  const model::MessageQueue dead = add("dead");
  change([](model::QueueConsumer& c) {
    c.dead_letter_queue = "dead";
    c.retry_delay_s = 30;
  });
  send("one");
  t.clock.advance(5'000);
  EXPECT_EQ(again(take()).given_back, 1);
  EXPECT_EQ(next(), 30'000);
  t.clock.advance(30'000);
  EXPECT_EQ(next(), 0) << "what comes again waits for no others";
  const Batch second = take();
  EXPECT_EQ(second.messages.at(0).attempts, 2);
  EXPECT_EQ(again(second).buried, 1);
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 0);
  EXPECT_EQ(t.messages.backlog(account.id, dead.id)->count, 1);
}

TEST_P(Batches, AreDroppedWhereNoQueueTakesDeadLetters) {
  change([](model::QueueConsumer& c) { c.max_retries = 0; });
  send("one");
  t.clock.advance(5'000);
  EXPECT_EQ(again(take()).dropped, 1);
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 0);
}

TEST_P(Batches, ArePutBackAsIfTheyHadNotBeenTaken) {
  send("one");
  t.clock.advance(5'000);
  const Batch batch = take();
  ASSERT_TRUE(t.batches.put_back(account.id, queue.id, leases(batch)));
  EXPECT_EQ(next(), 0);
  const Batch same = take();
  ASSERT_EQ(same.messages.size(), 1U);
  EXPECT_EQ(same.messages[0].attempts, 1);
  ASSERT_TRUE(t.batches.put_back(account.id, queue.id, leases(batch))) << "an old lease is none";
  EXPECT_TRUE(take().messages.empty());
  ASSERT_TRUE(t.batches.put_back_all());
  EXPECT_EQ(take().messages.at(0).attempts, 1);
  t.clock.advance(3'600'000);
  ASSERT_TRUE(t.batches.put_back_all()) << "of a server that was gone for longer than the lease";
  EXPECT_EQ(take().messages.at(0).attempts, 1);
}

TEST_P(Batches, LeaveWhatOthersPulledAlone) {
  const model::MessageQueue pulled = add("pulled");
  model::QueueConsumer puller;
  puller.id = t.entropy.hex32();
  ASSERT_TRUE(t.queues.add_consumer(account.id, pulled.id, puller));
  ASSERT_TRUE(
      t.messages.send(account.id, pulled.id, {{t.entropy.uuid(), "one", model::ContentType::text, {}}}));
  EXPECT_FALSE(t.batches.take(account.id, pulled.id, 60'000)->batch);
  ASSERT_EQ(t.messages.pull(account.id, pulled.id, 1, 60'000)->messages.size(), 1U);
  ASSERT_TRUE(t.batches.put_back_all());
  EXPECT_TRUE(t.messages.pull(account.id, pulled.id, 1, 60'000)->messages.empty());
  EXPECT_EQ(t.messages.pull(account.id, queue.id, 1, 60'000).error().code, Errc::conflict)
      << "a Worker's queue is not pulled";
}

TEST_P(Batches, EndWhereTheLastLeaseEndedWithoutAWord) {
  send("one");
  t.clock.advance(5'000);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(take().messages.size(), 1U);
    t.clock.advance(60'000);
  }
  EXPECT_TRUE(take().messages.empty());
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 0) << "handed out as often as it may";
}

TEST_P(Batches, StopWhereTheQueueIsPausedOrTheWorkerIsGone) {
  ASSERT_EQ(t.batches.consumed()->size(), 1U);
  EXPECT_EQ(t.batches.consumed()->at(0).worker_tag, worker.tag);
  send("one");
  t.clock.advance(5'000);
  model::MessageQueue paused = queue;
  paused.settings.paused = true;
  ASSERT_TRUE(t.queues.change_queue(paused));
  EXPECT_TRUE(t.batches.consumed()->empty());
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_TRUE(take().messages.empty());
  ASSERT_TRUE(t.queues.change_queue(queue));
  ASSERT_TRUE(t.workers.delete_worker(account.id, worker.name, t.clock.now()));
  EXPECT_TRUE(t.batches.consumed()->empty());
  EXPECT_TRUE(t.queues.queue(account.id, queue.id)->consumers.empty());
  EXPECT_EQ(t.messages.backlog(account.id, queue.id)->count, 1) << "its messages stay";
}

TEST_P(Batches, AreOfOneConsumerWhichIsAWorkerThatIsThere) {
  model::QueueConsumer second = model::usual_worker_consumer();
  second.id = t.entropy.hex32();
  second.worker_name = "hello";
  EXPECT_EQ(t.queues.add_consumer(account.id, queue.id, second).error().field, "type");
  const model::MessageQueue other = add("other");
  second.worker_name = "nobody";
  EXPECT_EQ(t.queues.add_consumer(account.id, other.id, second).error().code, Errc::worker_not_found);
  EXPECT_EQ(t.queues.delete_queue(account.id, queue.id).error().code, Errc::conflict);
  const auto shown = t.queues.queue(account.id, queue.id)->consumers.at(0);
  EXPECT_EQ(shown.worker_name, "hello");
  EXPECT_EQ(shown.max_wait_ms, 5'000);
  ASSERT_TRUE(t.queues.delete_consumer(account.id, queue.id, consumer.id));
  EXPECT_TRUE(t.queues.delete_queue(account.id, queue.id));
}

TEST_P(Batches, ComeFromWorkersThatAreBoundToTheQueue) {
  EXPECT_TRUE(t.queues.producers(account.id)->empty());
  NewVersion fresh;
  fresh.version.id = t.entropy.uuid();
  fresh.version.worker_tag = worker.tag;
  fresh.version.source = "wrangler";
  fresh.version.bindings_json =
      R"([{"type":"queue","name":"Q","queue_name":"free"},{"type":"json","name":"J","json":1}])";
  ASSERT_TRUE(t.versions.add_version(fresh));
  EXPECT_TRUE(t.queues.producers(account.id)->empty()) << "it is not live";
  model::Deployment live;
  live.id = t.entropy.uuid();
  live.worker_tag = worker.tag;
  live.versions = {{fresh.version.id, 100}};
  ASSERT_TRUE(t.versions.add_deployment(live));
  EXPECT_EQ(t.queues.producers(account.id)->at("free"), std::set<std::string>{"hello"});
  model::MessageQueue free = add("free");
  EXPECT_EQ(*t.queues.id_of(account.id, "free"), free.id);
  EXPECT_EQ(t.queues.delete_queue(account.id, free.id).error().code, Errc::conflict);
  free.name = "renamed";
  EXPECT_EQ(t.queues.change_queue(free).error().field, "queue_id");
  ASSERT_TRUE(t.workers.delete_worker(account.id, worker.name, t.clock.now()));
  EXPECT_TRUE(t.queues.delete_queue(account.id, free.id));
  EXPECT_EQ(t.queues.id_of(account.id, "free").error().code, Errc::not_found);
}

KILN_CONTRACT(Batches);

}  // namespace
}  // namespace kiln::store::contract
