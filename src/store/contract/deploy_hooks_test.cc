// Deploy hooks: who may have which, and how they go.
#include <gtest/gtest.h>

#include "base/fs.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

model::DeployHook hook_of(testing::StoreGround& t, const model::Trigger& trigger,
                          const std::string& name = "cms") {
  return t.add_deploy_hook(trigger.account_id, trigger.worker_tag, name);
}

Intake call(testing::StoreGround& t, const model::Trigger& trigger, const model::DeployHook& hook) {
  Intake intake;
  intake.hook = HookStart{hook.uuid, trigger.account_id, trigger.worker_tag, trigger.uuid, "main"};
  intake.builds.push_back(t.make_build(trigger));
  return intake;
}

class DeployHookStore : public Contract {};

TEST_P(DeployHookStore, ShowsWhatWasStored) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook first = hook_of(t, trigger, "cms");
  t.clock.advance(1);
  const model::DeployHook second = hook_of(t, trigger, "cron");
  const auto hooks = t.deploy_hooks.hooks_of_worker(trigger.account_id, trigger.worker_tag);
  ASSERT_TRUE(hooks);
  ASSERT_EQ(hooks->size(), 2U);
  EXPECT_EQ((*hooks)[0].uuid, first.uuid);
  EXPECT_EQ((*hooks)[1].uuid, second.uuid);
  EXPECT_EQ((*hooks)[1].name, "cron");
  EXPECT_EQ((*hooks)[1].branch, "main");
  EXPECT_EQ((*hooks)[1].created_on, second.created_on);
  EXPECT_FALSE((*hooks)[1].latest_build_on);
  EXPECT_EQ(t.deploy_hooks.hook_by_secret(second.uuid)->worker_tag, trigger.worker_tag);
}

TEST_P(DeployHookStore, KeepsNamesApartWithinAWorkerAlone) {
  const model::Trigger trigger = t.add_trigger();
  const model::Worker other = t.add_worker(trigger.account_id, "other");
  const model::DeployHook hook = hook_of(t, trigger);
  model::DeployHook twin = hook;
  twin.uuid = t.entropy.uuid();
  EXPECT_EQ(t.deploy_hooks.add_hook(twin).error().code, Errc::conflict);
  EXPECT_EQ(t.deploy_hooks.add_hook(twin).error().field, "deploy_hook_name");
  twin.worker_tag = other.tag;
  EXPECT_TRUE(t.deploy_hooks.add_hook(twin));
  model::DeployHook third = hook_of(t, trigger, "cron");
  third.name = "cms";
  EXPECT_EQ(t.deploy_hooks.update_hook(third).error().code, Errc::conflict);
  EXPECT_TRUE(t.deploy_hooks.update_hook(hook)) << "its own name is free to it";
  third.worker_tag = std::string(32, 'f');
  EXPECT_EQ(t.deploy_hooks.add_hook(third).error().code, Errc::worker_not_found);
}

TEST_P(DeployHookStore, ChangesNameAndBranchAndNothingElse) {
  const model::Trigger trigger = t.add_trigger();
  model::DeployHook hook = hook_of(t, trigger);
  ASSERT_TRUE(t.queue.enqueue(call(t, trigger, hook)));
  const TimeMs built = t.clock.now();
  t.clock.advance(5);
  hook.name = "nightly";
  hook.branch = "dev";
  hook.created_on = 1;
  hook.modified_on = t.clock.now();
  const Result<model::DeployHook> stored = t.deploy_hooks.update_hook(hook);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->name, "nightly");
  EXPECT_EQ(stored->branch, "dev");
  EXPECT_EQ(stored->created_on, built);
  EXPECT_EQ(stored->modified_on, built + 5);
  EXPECT_EQ(stored->latest_build_on, built);
  EXPECT_EQ(t.deploy_hooks.hook(hook.account_id, hook.worker_tag, hook.uuid)->branch, "dev");
}

TEST_P(DeployHookStore, HidesHooksOfOtherAccountsAndWorkers) {
  const model::Trigger trigger = t.add_trigger();
  const model::Trigger foreign = t.add_trigger();
  const model::Worker sibling = t.add_worker(trigger.account_id, "sibling");
  const model::DeployHook hook = hook_of(t, trigger);
  const auto& [account, tag] = std::pair(foreign.account_id, foreign.worker_tag);
  EXPECT_EQ(t.deploy_hooks.hook(account, trigger.worker_tag, hook.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.deploy_hooks.hook(trigger.account_id, sibling.tag, hook.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.deploy_hooks.delete_hook(account, tag, hook.uuid).error().code, Errc::not_found);
  EXPECT_TRUE(t.deploy_hooks.hooks_of_worker(account, trigger.worker_tag)->empty());
  model::DeployHook stolen = hook;
  stolen.account_id = account;
  EXPECT_EQ(t.deploy_hooks.update_hook(stolen).error().code, Errc::not_found);
  EXPECT_TRUE(t.deploy_hooks.hook(trigger.account_id, trigger.worker_tag, hook.uuid));
}

TEST_P(DeployHookStore, GoesWithItsWorker) {
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = hook_of(t, trigger);
  const model::Worker worker = *t.workers.worker_by_tag(trigger.account_id, trigger.worker_tag);
  ASSERT_TRUE(t.workers.delete_worker(worker.account_id, worker.name, t.clock.now()));
  EXPECT_EQ(t.deploy_hooks.hook_by_secret(hook.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.queue.enqueue(call(t, trigger, hook)).error().code, Errc::not_found);
  EXPECT_EQ(t.builds.builds_of_account(trigger.account_id, {})->total, 0U);
}

KILN_CONTRACT(DeployHookStore);

}  // namespace
}  // namespace kiln::store::contract
