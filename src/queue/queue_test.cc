#include "queue/queue.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "testing/memory_store.h"

namespace kiln::queue {
namespace {

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() { queue_.set_api_base_url("http://127.0.0.1:1/client/v4"); }

  static Settings settings() {
    Settings settings;
    settings.concurrency = 4;
    return settings;
  }

  static model::PushEvent push_to(const std::string& branch, const std::string& delivery) {
    model::PushEvent push;
    push.provider = "git";
    push.delivery_id = delivery;
    push.ref = "refs/heads/" + branch;
    push.before = std::string(40, '1');
    push.after = std::string(40, '2');
    push.author = "Ada";
    push.changed = {true, {"a"}, 1};
    return push;
  }

  Taken take(const model::Trigger& trigger, const model::PushEvent& push) {
    const Result<Taken> taken = queue_.take_push(trigger.connection, {push}, nullptr);
    EXPECT_TRUE(taken) << taken.error().message;
    return *taken;
  }

  model::Build stored(const model::Trigger& trigger, const Uuid& uuid) {
    return store_.builds.build(trigger.account_id, uuid)->build;
  }

  testing::TestStore store_;
  events::Hub hub_;
  Queue queue_{store_.queue, store_.triggers, store_.workers, hub_, store_.clock, store_.entropy, settings()};
};

TEST_F(QueueTest, TakesAPushInOnceHoweverOftenItIsDelivered) {
  const model::Trigger trigger = store_.add_trigger();
  int woken = 0;
  const events::Hub::Ticket ticket = hub_.subscribe(events::kQueueTopic, [&] { ++woken; });
  const Taken first = take(trigger, push_to("main", "d1"));
  const Taken second = take(trigger, push_to("main", "d1"));
  hub_.unsubscribe(ticket);
  ASSERT_EQ(first.builds.size(), 1U);
  EXPECT_FALSE(first.duplicate);
  EXPECT_TRUE(second.duplicate);
  EXPECT_EQ(second.builds.at(0).build, first.builds.at(0).build);
  EXPECT_EQ(woken, 1) << "runners are woken by what is new only";
}

TEST_F(QueueTest, SaysWhyARefLedToNothing) {
  const model::Trigger trigger = store_.add_trigger();
  model::PushEvent deleted = push_to("main", "d1");
  deleted.after.clear();
  EXPECT_EQ(take(trigger, deleted).notes, (std::vector<std::string>{"refs/heads/main was deleted"}));
  EXPECT_EQ(take(trigger, push_to("other", "d2")).notes,
            (std::vector<std::string>{"no trigger's branch patterns match other"}));
}

TEST_F(QueueTest, StoresASkippedBuildWithItsReason) {
  const model::Trigger trigger = store_.add_trigger();
  model::PushEvent push = push_to("main", "d1");
  push.head_message = "Docs [skip ci]";
  const Taken taken = take(trigger, push);
  const model::Build build = stored(trigger, taken.builds.at(0).build);
  EXPECT_EQ(build.status, model::BuildStatus::stopped);
  EXPECT_EQ(build.outcome, model::BuildOutcome::skipped);
  EXPECT_FALSE(build.initializing_on);
  EXPECT_EQ(store_.builds.log(build.uuid, "", 1000)->lines.at(0).text,
            "Skipped: the commit message says [skip ci].");
  EXPECT_FALSE(*queue_.claim("r")) << "a skipped build is never run";
}

TEST_F(QueueTest, HandsARunnerAFrozenJobWithItsOwnToken) {
  const model::Trigger trigger = store_.add_trigger();
  ASSERT_TRUE(store_.triggers.upsert_variables(trigger.uuid,
                                               {{"S", "hidden", true, 1}, {"P", "plain", false, 1}}, 64));
  const Taken taken = take(trigger, push_to("main", "d1"));
  ASSERT_TRUE(store_.triggers.upsert_variables(trigger.uuid, {{"P", "changed later", false, 1}}, 64));
  const Result<std::optional<model::JobSpec>> job = queue_.claim("r");
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->build_uuid, taken.builds.at(0).build);
  std::map<std::string, std::string> values;
  for (const model::EnvVar& variable : (*job)->environment) values[variable.name] = variable.value;
  EXPECT_EQ(values, (std::map<std::string, std::string>{{"S", "hidden"}, {"P", "plain"}}));
  const auto who = store_.accounts.find_principal(sha256((*job)->api_token), store_.clock.now());
  ASSERT_TRUE(who && *who);
  EXPECT_EQ((*who)->build->build_uuid, (*job)->build_uuid);
  ASSERT_TRUE(queue_.finish((*job)->build_uuid, (*job)->lease_id, {model::BuildOutcome::success, ""}));
  EXPECT_FALSE(*store_.accounts.find_principal(sha256((*job)->api_token), store_.clock.now()))
      << "the token is good only while the build runs";
}

TEST_F(QueueTest, GivesASilentRunnersBuildToTheNextOne) {
  const model::Trigger trigger = store_.add_trigger();
  take(trigger, push_to("main", "d1"));
  const auto first = *queue_.claim("r1");
  store_.clock.advance(queue_.settings().lease_ms + 1);
  ASSERT_TRUE(queue_.recover(std::nullopt));
  const auto second = *queue_.claim("r2");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->build_uuid, first->build_uuid);
  EXPECT_EQ(second->attempt, 2);
  EXPECT_EQ(queue_.renew(first->build_uuid, first->lease_id).error().code, Errc::lease_lost);
  EXPECT_EQ(queue_.enter_step(first->build_uuid, first->lease_id, model::Step::deploy).error().code,
            Errc::lease_lost)
      << "a runner believed dead must not deploy";
}

TEST_F(QueueTest, NeverRunsABuildAgainThatBeganToDeploy) {
  const model::Trigger trigger = store_.add_trigger();
  take(trigger, push_to("main", "d1"));
  const auto job = *queue_.claim("r1");
  ASSERT_TRUE(queue_.enter_step(job->build_uuid, job->lease_id, model::Step::deploy));
  ASSERT_TRUE(queue_.recover("r1"));
  EXPECT_EQ(stored(trigger, job->build_uuid).outcome, model::BuildOutcome::terminated);
  EXPECT_FALSE(*queue_.claim("r2"));
}

TEST_F(QueueTest, CancelsAtOnceAndOnlyOnce) {
  const model::Trigger trigger = store_.add_trigger();
  take(trigger, push_to("main", "d1"));
  const auto job = *queue_.claim("r1");
  ASSERT_TRUE(queue_.cancel(trigger.account_id, job->build_uuid, "Ada"));
  EXPECT_EQ(queue_.renew(job->build_uuid, job->lease_id).error().code, Errc::lease_lost);
  EXPECT_EQ(queue_.cancel(trigger.account_id, job->build_uuid, "Ada").error().code, Errc::conflict);
  EXPECT_EQ(queue_.cancel(std::string(32, '0'), job->build_uuid, "Eve").error().code, Errc::not_found);
}

}  // namespace
}  // namespace kiln::queue
