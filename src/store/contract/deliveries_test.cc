#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Deliveries : public Contract {
 protected:
  // A push of `branch` that this trigger judged, not stored yet.
  model::Delivery judged(const model::Trigger& trigger, const std::string& branch, const std::string& commit,
                         model::Decision decision = model::Decision::passed_over) {
    model::Delivery delivery;
    delivery.uuid = t.entropy.uuid();
    delivery.account_id = trigger.account_id;
    delivery.connection = trigger.connection.uuid;
    delivery.repo_name = trigger.connection.repo_name;
    delivery.origin = {"github", "guid of " + commit, "push", model::SignatureResult::verified};
    delivery.received_on = t.clock.now();
    delivery.refs = {{"refs/heads/" + branch, branch, "", commit}};
    delivery.verdicts = {{trigger.uuid, trigger.name, "hello", trigger.worker_tag, branch, commit, decision,
                          "the branch patterns (main) do not include " + branch, std::nullopt}};
    delivery.notes = {"a note"};
    return delivery;
  }

  model::Delivery refused(const model::Trigger& trigger) {
    model::Delivery delivery = judged(trigger, "main", "c0");
    delivery.origin.signature = model::SignatureResult::refused;
    delivery.refs.clear();
    delivery.verdicts.clear();
    return delivery;
  }

  static Intake intake_of(const model::Delivery& delivery, const std::string& key) {
    Intake intake;
    intake.provider = delivery.origin.provider;
    intake.delivery_id = key;
    intake.delivery = delivery;
    return intake;
  }

  model::Delivery keep(const model::Delivery& delivery, const std::string& key) {
    const Result<IntakeResult> kept = t.queue.enqueue(intake_of(delivery, key));
    EXPECT_TRUE(kept) << kept.error().message;
    return delivery;
  }

  std::vector<Uuid> listed(const std::string& account_id, const DeliveryFilter& filter, Page page = {}) {
    const auto found = t.deliveries.deliveries(account_id, filter, page);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<Uuid> out;
    for (const model::Delivery& delivery : found->items) out.push_back(delivery.uuid);
    return out;
  }
};

TEST_P(Deliveries, AreKeptWholeWithTheirBuilds) {
  const model::Trigger trigger = t.add_trigger();
  model::Delivery delivery = judged(trigger, "main", "c0ffee", model::Decision::built);
  Intake intake = intake_of(delivery, "d1");
  intake.builds.push_back(t.make_build(trigger));
  intake.delivery->verdicts[0].build = intake.builds[0].build.uuid;
  ASSERT_TRUE(t.queue.enqueue(intake));
  const auto kept = t.deliveries.delivery(trigger.account_id, delivery.uuid);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(*kept, *intake.delivery);
  EXPECT_TRUE(t.builds.build(trigger.account_id, *kept->verdicts[0].build));
}

TEST_P(Deliveries, AreKeptWithTheirBuildsOrNotAtAll) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake = intake_of(judged(trigger, "main", "c0"), "d1");
  intake.builds = {t.make_build(trigger)};
  intake.builds.push_back(intake.builds[0]);  // the same uuid twice
  EXPECT_FALSE(t.queue.enqueue(intake));
  EXPECT_TRUE(listed(trigger.account_id, {}).empty());
}

TEST_P(Deliveries, ThatComeAgainCountUpAndMakeNoSecondRow) {
  const model::Trigger trigger = t.add_trigger();
  Intake intake = intake_of(judged(trigger, "main", "c0", model::Decision::built), "d1");
  intake.builds = {t.make_build(trigger)};
  ASSERT_TRUE(t.queue.enqueue(intake));
  Intake again = intake_of(judged(trigger, "main", "c0"), "d1");
  again.builds = {t.make_build(trigger)};
  EXPECT_TRUE(t.queue.enqueue(again)->duplicate);
  EXPECT_EQ(listed(trigger.account_id, {}), std::vector<Uuid>{intake.delivery->uuid});
  const model::Delivery kept = *t.deliveries.delivery(trigger.account_id, intake.delivery->uuid);
  EXPECT_EQ(kept.repeated, 1);
  EXPECT_EQ(kept.verdicts, intake.delivery->verdicts) << "what it made was made the first time";
}

TEST_P(Deliveries, ThatMadeNothingAreJudgedAnewWhenTheyComeAgain) {
  const model::Trigger trigger = t.add_trigger();
  const model::Delivery first = keep(judged(trigger, "x", "c0"), "d1");
  Intake again = intake_of(judged(trigger, "x", "c0", model::Decision::built), "d1");
  again.builds = {t.make_build(trigger, "x")};
  again.delivery->verdicts[0].build = again.builds[0].build.uuid;
  EXPECT_FALSE(t.queue.enqueue(again)->duplicate);
  EXPECT_EQ(listed(trigger.account_id, {}), std::vector<Uuid>{first.uuid});
  const model::Delivery kept = *t.deliveries.delivery(trigger.account_id, first.uuid);
  EXPECT_EQ(kept.repeated, 1);
  EXPECT_EQ(kept.verdicts, again.delivery->verdicts);
}

TEST_P(Deliveries, AreListedNewestFirstAndByPage) {
  const model::Trigger trigger = t.add_trigger();
  std::vector<Uuid> all;
  for (const char* id : {"1", "2", "3"}) all.insert(all.begin(), keep(judged(trigger, "main", id), id).uuid);
  EXPECT_EQ(listed(trigger.account_id, {}), all);
  EXPECT_EQ(listed(trigger.account_id, {}, {2, 2}), std::vector<Uuid>{all[2]});
  EXPECT_TRUE(listed(trigger.account_id, {}, {1'000'000'000, 200}).empty());
  EXPECT_EQ(t.deliveries.deliveries(trigger.account_id, {}, {2, 2})->total, 3U);
}

TEST_P(Deliveries, AreFoundByWorkerBranchCommitAndTheSendersId) {
  const model::Account account = t.add_account();
  const model::Trigger shop = t.add_trigger(t.add_worker(account.id, "shop"));
  const model::Trigger blog = t.add_trigger(t.add_worker(account.id, "blog"));
  const Uuid one = keep(judged(shop, "main", "abc1"), "1").uuid;
  const Uuid two = keep(judged(shop, "dev", "abc2"), "2").uuid;
  const Uuid three = keep(judged(blog, "main", "def3"), "3").uuid;
  const auto by = [&](DeliveryFilter filter) { return listed(account.id, filter); };
  EXPECT_EQ(by({.worker_tag = shop.worker_tag}), (std::vector<Uuid>{two, one}));
  EXPECT_EQ(by({.branch = "main"}), (std::vector<Uuid>{three, one}));
  EXPECT_EQ(by({.commit = "abc"}), (std::vector<Uuid>{two, one}));
  EXPECT_EQ(by({.commit = "abc2"}), std::vector<Uuid>{two});
  EXPECT_EQ(by({.provider_id = "guid of def3"}), std::vector<Uuid>{three});
  EXPECT_EQ(by({.worker_tag = shop.worker_tag, .branch = "main"}), std::vector<Uuid>{one});
  EXPECT_TRUE(by({.branch = "main", .commit = "abc2"}).empty());
}

TEST_P(Deliveries, OfAnotherAccountAreNotFound) {
  const model::Trigger mine = t.add_trigger();
  const std::string other = t.add_account("other").id;
  const Uuid uuid = keep(judged(mine, "main", "c0"), "1").uuid;
  EXPECT_EQ(t.deliveries.delivery(other, uuid).error().code, Errc::not_found);
  EXPECT_TRUE(listed(other, {}).empty());
  EXPECT_TRUE(listed(other, {.commit = "c0"}).empty());
}

TEST_P(Deliveries, KeepHostileBytesReadable) {
  const model::Trigger trigger = t.add_trigger();
  model::Delivery delivery = judged(trigger, "main", "c0");
  delivery.refs[0].ref = "refs/tags/\xff";
  delivery.origin.provider_id = "\xed\xa0\x80";
  keep(delivery, "1");
  EXPECT_EQ(t.deliveries.delivery(trigger.account_id, delivery.uuid)->refs[0].ref, "refs/tags/\xEF\xBF\xBD");
}

TEST_P(Deliveries, GoWhenTheyAreOld) {
  const model::Trigger trigger = t.add_trigger();
  keep(judged(trigger, "main", "old"), "1");
  t.clock.advance(kDeliveriesKeptMs + 1);
  const Uuid fresh = keep(judged(trigger, "main", "new"), "2").uuid;
  EXPECT_EQ(listed(trigger.account_id, {}), std::vector<Uuid>{fresh});
  EXPECT_TRUE(listed(trigger.account_id, {.commit = "old"}).empty());
}

TEST_P(Deliveries, WhoseSignatureWasRefusedAreFewAndMakeNothing) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid good = keep(judged(trigger, "main", "c0"), "1").uuid;
  EXPECT_EQ(t.deliveries.keep_refused({refused(trigger), judged(trigger, "main", "c0")}).error().code,
            Errc::internal);
  Uuid newest;
  for (std::size_t i = 0; i < kMostRefusedDeliveries + 3; ++i) {
    const model::Delivery delivery = refused(trigger);
    newest = delivery.uuid;
    ASSERT_TRUE(t.deliveries.keep_refused({delivery}));
  }
  const std::vector<Uuid> all = listed(trigger.account_id, {});
  EXPECT_EQ(all.size(), kMostRefusedDeliveries + 1);
  EXPECT_EQ(all.front(), newest);
  EXPECT_EQ(all.back(), good);
}

TEST_P(Deliveries, ThatAreRefusedAreToldOfOnceInTenMinutes) {
  const model::Trigger trigger = t.add_trigger();
  model::Sink sink;
  sink.uuid = t.entropy.uuid();
  sink.account_id = trigger.account_id;
  sink.name = "ops";
  ASSERT_TRUE(t.sinks.add_sink(sink, {}));
  const std::size_t before = t.outbox.waiting(100)->size();
  const auto refuse = [&] { ASSERT_TRUE(t.deliveries.keep_refused({refused(trigger)})); };
  for (int i = 0; i < 3; ++i) refuse();
  EXPECT_EQ(t.outbox.waiting(100)->size(), before + 1);
  t.clock.advance(600'000);
  refuse();
  EXPECT_EQ(t.outbox.waiting(100)->size(), before + 2);
}

KILN_CONTRACT(Deliveries);

}  // namespace
}  // namespace kiln::store::contract
