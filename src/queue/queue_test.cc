#include "queue/queue.h"

#include "base/hash.h"
#include "queue/queue_for_test.h"

namespace kiln::queue {
namespace {

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

TEST_F(QueueTest, WithoutBuildMinutesAPushIsRecordedAsSkippedAndARequestIsRefused) {
  const model::Trigger trigger = store_.add_trigger();
  ASSERT_TRUE(store_.accounts.set_build_minutes(trigger.account_id, 0));
  const Taken taken = take(trigger, push_to("main", "d1"));
  const model::Build build = stored(trigger, taken.builds.at(0).build);
  EXPECT_EQ(build.outcome, model::BuildOutcome::skipped);
  EXPECT_EQ(store_.builds.log(build.uuid, "", 1000)->lines.at(0).text,
            "Skipped: " + taken.builds.at(0).skipped + ".");
  EXPECT_EQ(taken.builds.at(0).skipped, words_for_reached(*queue_.build_minutes(trigger.account_id)));

  const Result<model::Build> asked =
      queue_.build_now(trigger, {model::TriggerSource::api, "main", "c", "m", "a"});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, Errc::rate_limited);
  const TimeMs wait = queue_.build_minutes(trigger.account_id)->month.end - store_.clock.now();
  EXPECT_EQ(asked.error().field, std::to_string((wait + 999) / 1000)) << "seconds to the next month";
}

TEST_F(QueueTest, TellsWhoeverWaitsWhenAQueuedBuildEndsForWantOfMinutes) {
  const model::Trigger trigger = store_.add_trigger();
  const model::Build queued = store_.add_build(trigger);
  ASSERT_TRUE(store_.accounts.set_build_minutes(trigger.account_id, 0));
  int woken = 0;
  const events::Hub::Ticket ticket = hub_.subscribe(events::build_topic(queued.uuid), [&] { ++woken; });
  EXPECT_FALSE(*queue_.claim("r"));
  hub_.unsubscribe(ticket);
  EXPECT_EQ(woken, 1);
}

TEST_F(QueueTest, BuildsNoBranchWhoseNameCouldNotBeShown) {
  const model::Trigger trigger = store_.add_trigger(store_.add_worker(store_.add_account().id), "*");
  for (const std::string& name :
       {std::string("caf\xe9"), std::string("two\nlines"), std::string("\x1b[31mred"),
        std::string("c1\xc2\x9b"), std::string("--upload-pack=id"), std::string("../main"),
        std::string(5000, 'a')}) {
    const Taken taken = take(trigger, push_to(name, "d-" + name));
    EXPECT_TRUE(taken.builds.empty());
    ASSERT_EQ(taken.notes.size(), 1U);
    EXPECT_NE(taken.notes[0].find("the branch name "), std::string::npos) << taken.notes[0];
    EXPECT_EQ(taken.notes[0].find_first_of("\n\x1b"), std::string::npos);
  }
  const Taken sound = take(trigger, push_to("caf\xc3\xa9", "d-utf8"));
  EXPECT_EQ(stored(trigger, sound.builds.at(0).build).metadata.branch, "caf\xc3\xa9");
}

TEST_F(QueueTest, ShowsStrangeFileNamesWithoutBreakingTheLog) {
  model::Trigger trigger = store_.add_trigger();
  trigger.path_includes = {"src/*"};
  ASSERT_TRUE(store_.triggers.update_trigger(trigger));
  model::PushEvent push = push_to("main", "d1");
  push.changed = {true,
                  {"a\xff"
                   "b",
                   "new\nline", "\x1b[2J"},
                  1};
  const Taken taken = take(trigger, push);
  const auto log = store_.builds.log(taken.builds.at(0).build, "", 1000);
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->lines.size(), 1U);
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(log->lines[0].text,
            "Skipped: none of the 3 changed files matches the trigger's path patterns (a" + bad + "b, new" +
                bad + "line, " + bad + "[2J).");
}

TEST_F(QueueTest, ANewerPushSkipsTheOneStillQueuedUnlessItIsSkippedItself) {
  const model::Trigger trigger = store_.add_trigger();
  const Uuid first = take(trigger, push_to("main", "d1")).builds.at(0).build;
  model::PushEvent docs = push_to("main", "d2");
  docs.before = docs.after;
  docs.after = std::string(40, '3');
  docs.skip_requested = true;
  take(trigger, docs);
  EXPECT_EQ(stored(trigger, first).status, model::BuildStatus::queued);
  model::PushEvent newer = push_to("main", "d3");
  newer.before = docs.after;
  newer.after = std::string(40, '4');
  int woken = 0;
  const events::Hub::Ticket ticket = hub_.subscribe(events::build_topic(first), [&] { ++woken; });
  take(trigger, newer);
  hub_.unsubscribe(ticket);
  EXPECT_EQ(stored(trigger, first).outcome, model::BuildOutcome::skipped);
  EXPECT_EQ(woken, 1) << "whoever follows the older build is told";
}

TEST_F(QueueTest, ABuildAskedForIsNeitherSkippedNorSkipsOthers) {
  const model::Trigger trigger = store_.add_trigger();
  const Uuid pushed = take(trigger, push_to("main", "d1")).builds.at(0).build;
  const Result<model::Build> asked = queue_.build_now(
      trigger, {model::TriggerSource::manual, "main", std::string(40, '3'), "Docs [skip ci]", "Ada"});
  ASSERT_TRUE(asked);
  EXPECT_EQ(stored(trigger, asked->uuid).status, model::BuildStatus::queued);
  EXPECT_EQ(stored(trigger, asked->uuid).metadata.source, model::TriggerSource::manual);
  EXPECT_EQ(stored(trigger, pushed).status, model::BuildStatus::queued);
}

TEST_F(QueueTest, TakesEveryRefOfOneDeliveryInTogether) {
  const model::Trigger trigger = store_.add_trigger(store_.add_worker(store_.add_account().id), "*");
  model::PushEvent tag = push_to("x", "d1");
  tag.ref = "refs/tags/v1";
  const std::vector<model::PushEvent> pushes = {push_to("a", "d1"), tag, push_to("b", "d1")};
  const Result<Taken> taken = queue_.take_push(trigger.connection, pushes, nullptr);
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken->builds.size(), 2U);
  EXPECT_EQ(taken->builds[0].branch, "a");
  EXPECT_EQ(taken->builds[1].branch, "b");
  EXPECT_EQ(taken->notes, (std::vector<std::string>{"refs/tags/v1 is not a branch"}));
  EXPECT_TRUE(queue_.take_push(trigger.connection, pushes, nullptr)->duplicate);
}

TEST_F(QueueTest, TellsARunnerThatTheBuildTokenIsGone) {
  const model::Trigger trigger = store_.add_trigger();
  take(trigger, push_to("main", "d1"));
  ASSERT_TRUE(store_.build_tokens.delete_build_token(trigger.account_id, *trigger.build_token_uuid,
                                                     store_.clock.now()));
  EXPECT_TRUE((*queue_.claim("r"))->build_token_missing);
}

TEST_F(QueueTest, GivesTheUsersOwnTokenToBuildsForAnOutsideTarget) {
  Settings outside = settings();
  outside.embedded_target = false;
  outside.outside_account = std::string(32, 'f');
  outside.api_base_url = "http://127.0.0.1:1/client/v4";
  Queue queue(stores_of(store_), hub_, store_.clock, store_.entropy, outside);
  const model::Trigger trigger = store_.add_trigger();
  take(trigger, push_to("main", "d1"));
  const auto job = *queue.claim("r");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->api_token, "cf-token-secret");
  EXPECT_EQ(job->api_base_url, "");
  EXPECT_EQ(job->account_id, std::string(32, 'f'));
}

TEST_F(QueueTest, KeepsOfALongMessageWhatFitsBetweenCharacters) {
  const model::Trigger trigger = store_.add_trigger();
  model::PushEvent push = push_to("main", "d1");
  push.head_message = "x";
  while (push.head_message.size() < 70'000) push.head_message += "\xc3\xa9";
  const Uuid build = take(trigger, push).builds.at(0).build;
  EXPECT_EQ(stored(trigger, build).metadata.commit_message, push.head_message.substr(0, 65'535));
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
  const auto who = store_.accounts.find_principal(sha256((*job)->api_token));
  ASSERT_TRUE(who && *who);
  EXPECT_EQ((*who)->build->build_uuid, (*job)->build_uuid);
  ASSERT_TRUE(queue_.finish((*job)->build_uuid, (*job)->lease_id, {model::BuildOutcome::success, ""}));
  EXPECT_FALSE(*store_.accounts.find_principal(sha256((*job)->api_token)))
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

TEST_F(QueueTest, EndsThePreviewOfADeletedBranchAndSaysSo) {
  const model::Trigger trigger = store_.add_trigger();
  model::Preview preview;
  preview.id = store_.entropy.uuid();
  preview.worker_tag = trigger.worker_tag;
  preview.name = "feature/x";
  preview.slug = "feature-x";
  ASSERT_TRUE(store_.previews.add_preview(preview));
  model::PushEvent deleted = push_to("feature/x", "d1");
  deleted.after.clear();
  EXPECT_EQ(take(trigger, deleted).notes,
            (std::vector<std::string>{"refs/heads/feature/x was deleted: of the Worker hello, the preview "
                                      "feature/x ended"}));
  EXPECT_FALSE(store_.previews.preview(trigger.worker_tag, "feature/x"));
}

TEST_F(QueueTest, ARedeliveredDeletionLeavesThePreviewsOfABranchMadeAnew) {
  const model::Trigger trigger = store_.add_trigger();
  model::Preview preview;
  preview.id = store_.entropy.uuid();
  preview.worker_tag = trigger.worker_tag;
  preview.name = "feature/x";
  preview.slug = "feature-x";
  ASSERT_TRUE(store_.previews.add_preview(preview));
  model::PushEvent deleted = push_to("feature/x", "d1");
  deleted.after.clear();
  EXPECT_FALSE(take(trigger, deleted).duplicate);
  ASSERT_FALSE(store_.previews.preview(trigger.worker_tag, "feature/x"));

  preview.id = store_.entropy.uuid();
  ASSERT_TRUE(store_.previews.add_preview(preview));
  const Taken again = take(trigger, deleted);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.notes, (std::vector<std::string>{"refs/heads/feature/x was deleted"}));
  EXPECT_TRUE(store_.previews.preview(trigger.worker_tag, "feature/x"));
}

TEST_F(QueueTest, BuildsAndEndedPreviewsOfADeliveryAreOneTransaction) {
  const model::Trigger trigger = store_.add_trigger();
  model::Preview preview;
  preview.id = store_.entropy.uuid();
  preview.worker_tag = trigger.worker_tag;
  preview.name = "old";
  preview.slug = "old";
  ASSERT_TRUE(store_.previews.add_preview(preview));
  model::PushEvent deleted = push_to("old", "d1");
  deleted.after.clear();
  const std::vector<model::PushEvent> both = {push_to("main", "d1"), deleted};
  const Result<Taken> first = queue_.take_push(trigger.connection, both, nullptr);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->builds.size(), 1U);
  EXPECT_EQ(first->notes.at(0), "refs/heads/old was deleted: of the Worker hello, the preview old ended");
  ASSERT_TRUE(store_.previews.add_preview(preview));
  const Result<Taken> again = queue_.take_push(trigger.connection, both, nullptr);
  EXPECT_EQ(again->builds.at(0).build, first->builds.at(0).build);
  EXPECT_TRUE(store_.previews.preview(trigger.worker_tag, "old"));
}

}  // namespace
}  // namespace kiln::queue
