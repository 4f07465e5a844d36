// Workers at a glance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Glances : Contract {
  model::Trigger trigger = t.add_trigger();
  std::string account = trigger.account_id;

  // A build of the Worker that has ended, with a version of it that is live.
  Uuid deployed() {
    const Uuid build = t.add_build(trigger).uuid;
    const ClaimRequest request = t.make_claim();
    t.claim_next(request);
    NewVersion made;
    made.version.id = t.entropy.uuid();
    made.version.worker_tag = trigger.worker_tag;
    made.version.created_on = t.clock.now();
    made.version.build_uuid = build;
    made.deployment = model::Deployment{};
    made.deployment->id = t.entropy.uuid();
    made.deployment->worker_tag = trigger.worker_tag;
    made.deployment->created_on = t.clock.now();
    made.deployment->versions = {{made.version.id, 100}};
    EXPECT_TRUE(t.versions.add_version(made));
    EXPECT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::success));
    return made.version.id;
  }
};

TEST_P(Glances, HaveWorkersByNameWithTheirLastBuilds) {
  const model::Worker quiet = t.add_worker(account, "a-quiet-one");
  deployed();
  const Uuid version = deployed();
  const model::Build open = t.add_build(trigger);
  const auto all = t.glances.glances(account, 2);
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).name, "a-quiet-one");
  EXPECT_FALSE(all->at(0).connected);
  EXPECT_FALSE(all->at(0).latest);
  EXPECT_THAT(all->at(0).recent, IsEmpty());
  EXPECT_THAT(all->at(0).live, IsEmpty());
  const WorkerGlance& built = all->at(1);
  EXPECT_EQ(built.tag, trigger.worker_tag);
  EXPECT_TRUE(built.connected);
  ASSERT_TRUE(built.latest);
  EXPECT_EQ(built.latest->row.build.uuid, open.uuid);
  EXPECT_THAT(built.recent, ElementsAre(std::nullopt, model::BuildOutcome::success));
  ASSERT_EQ(built.live.size(), 1U);
  EXPECT_EQ(built.live[0].version_id, version);
  EXPECT_EQ(built.live[0].percentage, 100);
  EXPECT_TRUE(built.live[0].build_uuid);
  EXPECT_EQ(built.live[0].branch, "main");
  EXPECT_EQ(built.live[0].author, open.metadata.author);
}

TEST_P(Glances, OfOneAreTheSame) {
  const Uuid version = deployed();
  const auto one = t.glances.glance(account, trigger.worker_tag, 10);
  ASSERT_TRUE(one && *one);
  EXPECT_EQ((*one)->live.at(0).version_id, version);
  EXPECT_TRUE((*one)->latest);
  EXPECT_FALSE(*t.glances.glance(account, "0123456789abcdef0123456789abcdef", 10));
  EXPECT_FALSE(*t.glances.glance("0123456789abcdef0123456789abcdef", trigger.worker_tag, 10));
  EXPECT_THAT(*t.glances.glances("0123456789abcdef0123456789abcdef", 10), IsEmpty());
}

KILN_CONTRACT(Glances);

}  // namespace
}  // namespace kiln::store::contract
