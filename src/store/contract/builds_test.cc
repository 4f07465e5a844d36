#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Builds : public Contract {};
class LatestBuilds : public Contract {};
class BuildLists : public Contract {};

TEST_P(Builds, ShowTheirTriggerAsItIsNow) {
  model::Trigger trigger = t.add_trigger();
  const model::Build build = t.add_build(trigger);
  trigger.name = "renamed";
  trigger.build_command = "changed";
  ASSERT_TRUE(t.triggers.update_trigger(trigger));
  ASSERT_TRUE(
      t.build_tokens.delete_build_token(trigger.account_id, *trigger.build_token_uuid, t.clock.now()));
  ASSERT_TRUE(t.triggers.delete_trigger(trigger.account_id, trigger.uuid, t.clock.now()));
  const BuildView view = *t.builds.build(trigger.account_id, build.uuid);
  EXPECT_EQ(view.trigger.name, "renamed");
  EXPECT_EQ(view.trigger.deleted_on, t.clock.now());
  EXPECT_EQ(view.trigger.build_token_name, "deploys");
  EXPECT_EQ(view.trigger.connection.repo_name, "hello");
  EXPECT_EQ(view.build.metadata.build_command, "npm run build");
}

TEST_P(LatestBuilds, AreTheNewestOfEachWorker) {
  const std::string account = t.add_account().id;
  const model::Trigger one = t.add_trigger(t.add_worker(account, "one"));
  const model::Trigger two = t.add_trigger(t.add_worker(account, "two"));
  const model::Worker idle = t.add_worker(account, "idle");
  t.add_build(one, "a");
  const model::Build newest = t.add_build(one, "b");
  const model::Build other = t.add_build(two, "c");
  const auto found = *t.builds.latest_builds(account, {one.worker_tag, idle.tag, "unknown", two.worker_tag});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].first, one.worker_tag);
  EXPECT_EQ(found[0].second.build.uuid, newest.uuid);
  EXPECT_EQ(found[1].second.build.uuid, other.uuid);
}

TEST_P(BuildLists, ArePagedNewestFirst) {
  const model::Trigger trigger = t.add_trigger();
  std::vector<Uuid> made;
  for (int i = 0; i < 5; ++i) made.push_back(t.add_build(trigger).uuid);
  const Paged<BuildRow> first = *t.builds.builds_of_worker(trigger.account_id, trigger.worker_tag, {1, 2});
  EXPECT_EQ(first.total, 5U);
  ASSERT_EQ(first.items.size(), 2U);
  EXPECT_EQ(first.items[0].build.uuid, made[4]);
  const Paged<BuildRow> last = *t.builds.builds_of_account(trigger.account_id, {3, 2});
  EXPECT_EQ(last.total, 5U);
  ASSERT_EQ(last.items.size(), 1U);
  EXPECT_EQ(last.items[0].build.uuid, made[0]);
  EXPECT_EQ(t.builds.builds_of_worker(trigger.account_id, "hello", {}).error().field, "external_script_id");
  const Page beyond{2'000'000'000, 200};
  EXPECT_TRUE(t.builds.builds_of_worker(trigger.account_id, trigger.worker_tag, beyond)->items.empty());
}

KILN_CONTRACT(Builds);
KILN_CONTRACT(LatestBuilds);
KILN_CONTRACT(BuildLists);

}  // namespace
}  // namespace kiln::store::contract
