// Buttons that are pressed beside builds at their host.
#include "queue/queue_for_test.h"

namespace kiln::queue {
namespace {

class CheckActionTest : public QueueTest {
 protected:
  using What = model::CheckAction::What;

  // A stranger's commit that waits.
  Uuid waiting() {
    Queue::Manual asked;
    asked.source = model::TriggerSource::pull_request;
    asked.branch = "eve:main";
    asked.commit_hash = std::string(40, '2');
    asked.restricted = asked.waits_for_approval = true;
    return queue_.build_now(trigger_, asked)->uuid;
  }

  Taken press(What what, const Uuid& build, const std::string& delivery = "c1") {
    return press_on(trigger_.connection, what, build.str(), delivery);
  }

  Taken press_on(const model::RepoConnection& connection, What what, const std::string& external_id,
                 const std::string& delivery = "c1", const std::string& commit = std::string(40, '2')) {
    model::CheckAction action;
    action.what = what;
    action.provider = "github";
    action.delivery_id = delivery;
    action.external_id = external_id;
    action.head_commit = commit;
    action.sender = "ada";
    const Result<Taken> taken = queue_.take_check_action(connection, action, "GitHub");
    EXPECT_TRUE(taken) << taken.error().message;
    return *taken;
  }

  Uuid pushed() { return take(trigger_, push_to("main", "d1")).builds.at(0).build; }

  // A build that has run to its end.
  Uuid ended() { return ended_of(trigger_); }
  Uuid ended_of(const model::Trigger& trigger) {
    const Uuid build = take(trigger, push_to("main", "d1")).builds.at(0).build;
    const auto job = *queue_.claim("r");
    EXPECT_EQ(job->build_uuid, build);
    EXPECT_TRUE(queue_.finish(build, job->lease_id, {model::BuildOutcome::fail, ""}));
    return build;
  }

  std::string last_line(const Uuid& build) { return store_.builds.log(build, "", 10'000)->lines.back().text; }

  model::Trigger trigger_ = store_.add_trigger();
};

TEST_F(CheckActionTest, RunsAStoppedBuildsCommitAgainOncePerDelivery) {
  const Uuid old = ended();
  const Taken taken = press(What::run_again, old);
  ASSERT_EQ(taken.builds.size(), 1U);
  const model::Build again = stored(trigger_, taken.builds[0].build);
  EXPECT_EQ(again.metadata.commit_hash, std::string(40, '2'));
  EXPECT_EQ(again.metadata.branch, "main");
  EXPECT_EQ(again.status, model::BuildStatus::queued);
  const Taken redelivered = press(What::run_again, old);
  EXPECT_TRUE(redelivered.duplicate);
  EXPECT_EQ(redelivered.builds.at(0).build, again.uuid);
  EXPECT_EQ(store_.builds.builds_of_account(trigger_.account_id, {})->total, 2U);
  const model::Delivery kept = store_.deliveries.deliveries(trigger_.account_id, {}, {})->items.at(0);
  EXPECT_EQ(kept.verdicts.at(0).rule, "ada at GitHub asked for the build again");
}

TEST_F(CheckActionTest, DoesNotRunAgainWhatRunsOrIsNotOfThisRepository) {
  const model::Trigger other = store_.add_trigger(store_.add_worker(trigger_.account_id, "other"));
  const Uuid old = ended_of(other);
  EXPECT_TRUE(press(What::run_again, pushed()).builds.empty());
  EXPECT_EQ(press(What::run_again, old, "c2").notes.at(0), old.str() + " is no build of this repository");
  EXPECT_TRUE(press_on(trigger_.connection, What::cancel, "no uuid", "c3").builds.empty());
}

TEST_F(CheckActionTest, RunsEveryWorkerOfACommitAgain) {
  model::Trigger second = trigger_;
  second.uuid = store_.entropy.uuid();
  second.worker_tag = store_.add_worker(trigger_.account_id, "second").tag;
  ASSERT_TRUE(store_.triggers.add_trigger(second));
  take(trigger_, push_to("main", "d1"));
  for (int i = 0; i < 2; ++i) {
    const auto job = *queue_.claim("r");
    ASSERT_TRUE(queue_.finish(job->build_uuid, job->lease_id, {model::BuildOutcome::success, ""}));
  }
  EXPECT_EQ(press_on(trigger_.connection, What::run_all_again, "").builds.size(), 2U);
  EXPECT_TRUE(press_on(trigger_.connection, What::run_all_again, "").duplicate);
  EXPECT_EQ(press_on(trigger_.connection, What::run_all_again, "", "c2", std::string(40, '9')).notes.size(),
            1U);
}

TEST_F(CheckActionTest, CancelsByNameAndSaysWhoDidItWhere) {
  const Uuid build = pushed();
  press(What::cancel, build);
  EXPECT_EQ(stored(trigger_, build).outcome, model::BuildOutcome::cancelled);
  EXPECT_EQ(last_line(build), "Build was cancelled by ada at GitHub.");
  EXPECT_NE(press(What::cancel, build).notes.at(0).find("is over already"), std::string::npos)
      << "told again it does nothing";
}

TEST_F(CheckActionTest, ApprovesTheOneCommitThatWasLookedAt) {
  const Uuid build = waiting();
  EXPECT_NE(last_line(build).find("kiln approve " + build.str()), std::string::npos);
  EXPECT_FALSE(*queue_.claim("r"));
  press_on(trigger_.connection, What::approve, build.str(), "c1", std::string(40, '3'));
  EXPECT_FALSE(*queue_.claim("r")) << "another commit was meant";
  press(What::approve, build, "c2");
  EXPECT_EQ(last_line(build), "The commit was approved by ada at GitHub.");
  const auto job = *queue_.claim("r");
  ASSERT_TRUE(job);
  EXPECT_TRUE(job->restricted);
}

TEST_F(CheckActionTest, DoesNotApproveByAskingAgain) {
  const Uuid build = waiting();
  press(What::cancel, build, "c1");
  const Taken again = press(What::run_again, build, "c2");
  ASSERT_EQ(again.builds.size(), 1U);
  EXPECT_TRUE(stored(trigger_, again.builds[0].build).waits_for_approval);
  EXPECT_FALSE(*queue_.claim("r"));
}

}  // namespace
}  // namespace kiln::queue
