// What a deploy hook's call leads to, around a real store.
#include <gtest/gtest.h>

#include "events/local_hub.h"
#include "queue/match.h"
#include "queue/queue.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"

namespace kiln::queue {
namespace {

class HookTest : public ::testing::Test {
 protected:
  static Settings settings() {
    Settings settings;
    settings.hook_builds_per_worker = 1;
    return settings;
  }

  Queue::HeadOf head() {
    return [this](const model::Trigger& trigger) -> Result<Queue::Manual> {
      ++asked_git_;
      return Queue::Manual{model::TriggerSource::manual, trigger.branch_includes[0], std::string(40, 'a'),
                           "Say hello", "Ada"};
    };
  }

  testing::TestStore store_;
  events::LocalHub hub_;
  Queue queue_{stores_of(store_), hub_, store_.clock, store_.entropy, settings()};
  model::Trigger trigger_ = store_.add_trigger();
  model::DeployHook hook_ = store_.add_deploy_hook(trigger_.account_id, trigger_.worker_tag);
  int asked_git_ = 0;
};

TEST_F(HookTest, QueuesTheHeadWithWhatTheTriggerSaysNow) {
  int woken = 0;
  const events::Hub::Ticket ticket = hub_.subscribe(events::kQueueTopic, [&] { ++woken; });
  const Result<Queue::HookTaken> taken = queue_.take_hook(hook_, head());
  hub_.unsubscribe(ticket);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_FALSE(taken->already_exists);
  EXPECT_EQ(woken, 1);
  const model::Build build = store_.builds.build(trigger_.account_id, taken->build.uuid)->build;
  EXPECT_EQ(build.metadata.source, model::TriggerSource::manual);
  EXPECT_EQ(build.metadata.commit_hash, std::string(40, 'a'));
  EXPECT_EQ(build.metadata.deploy_command, trigger_.deploy_command);
  EXPECT_EQ(build.trigger_uuid, trigger_.uuid);
}

TEST_F(HookTest, AsksGitOnlyWhenABuildMayStart) {
  const Result<Queue::HookTaken> first = queue_.take_hook(hook_, head());
  const Result<Queue::HookTaken> second = queue_.take_hook(hook_, head());
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(second->already_exists);
  EXPECT_EQ(second->build.uuid, first->build.uuid);
  ASSERT_TRUE(queue_.claim("runner-1"));
  EXPECT_EQ(queue_.take_hook(hook_, head()).error().code, Errc::rate_limited);
  EXPECT_EQ(asked_git_, 1);
}

TEST_F(HookTest, WithoutBuildMinutesIsRefusedBeforeGitIsAsked) {
  ASSERT_TRUE(store_.accounts.set_build_minutes(trigger_.account_id, 0));
  EXPECT_EQ(queue_.take_hook(hook_, head()).error().code, Errc::rate_limited);
  EXPECT_EQ(asked_git_, 0);
}

TEST_F(HookTest, FindsABuildThatWasQueuedWhileGitWasAsked) {
  Uuid pushed;
  const Result<Queue::HookTaken> taken = queue_.take_hook(hook_, [&](const model::Trigger& trigger) {
    pushed = store_.add_build(trigger).uuid;
    return head()(trigger);
  });
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->already_exists);
  EXPECT_EQ(taken->build.uuid, pushed);
}

TEST_F(HookTest, StartsNothingOnceTheHookIsDeleted) {
  const Result<Queue::HookTaken> taken = queue_.take_hook(hook_, [&](const model::Trigger& trigger) {
    EXPECT_TRUE(store_.deploy_hooks.delete_hook(hook_.account_id, hook_.worker_tag, hook_.uuid));
    return head()(trigger);
  });
  EXPECT_EQ(taken.error().code, Errc::not_found);
  EXPECT_EQ(store_.builds.builds_of_account(trigger_.account_id, {})->total, 0U);
}

TEST_F(HookTest, RefusesABranchThatNoTriggerTakes) {
  hook_.branch = "gone";
  const Result<Queue::HookTaken> taken = queue_.take_hook(hook_, head());
  EXPECT_EQ(taken.error().code, Errc::conflict);
  EXPECT_NE(taken.error().message.find("'gone'"), std::string::npos);
  EXPECT_EQ(asked_git_, 0);
}

TEST(TriggerOfBranch, PrefersTheFullNameAndHonoursExcludes) {
  std::vector<model::Trigger> triggers(3);
  triggers[0].branch_includes = {"*"};
  triggers[0].branch_excludes = {"secret"};
  triggers[1].branch_includes = {"release/*"};
  triggers[2].branch_includes = {"dev", "main"};
  EXPECT_EQ(trigger_of_branch(triggers, "main"), &triggers[2]);
  EXPECT_EQ(trigger_of_branch(triggers, "release/1"), &triggers[0]) << "the first of those that match";
  EXPECT_EQ(trigger_of_branch(triggers, "secret"), nullptr);
  EXPECT_EQ(trigger_of_branch({}, "main"), nullptr);
}

}  // namespace
}  // namespace kiln::queue
