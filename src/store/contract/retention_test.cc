// What is taken away of a long history, and what never is.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

constexpr TimeMs kDay = TimeMs{24} * 3'600'000;

struct RetentionGround {
  testing::StoreGround& t;
  model::Trigger trigger = t.add_trigger();

  // A build that ran and ended so.
  Uuid build(const std::string& branch, model::BuildOutcome outcome = model::BuildOutcome::success,
             const std::optional<Uuid>& version = std::nullopt) {
    const Uuid uuid = t.add_build(trigger, branch).uuid;
    const ClaimRequest request = t.make_claim();
    t.claim_next(request);
    if (version) {
      EXPECT_TRUE(t.versions.add_version(fresh(*version, uuid)));
    }
    EXPECT_TRUE(t.queue.finish(uuid, request.lease_id, outcome, {}, model::LogLine{1, "The end."}));
    t.clock.advance(1000);
    return uuid;
  }
  NewVersion fresh(const Uuid& id, const std::optional<Uuid>& build = std::nullopt) {
    NewVersion made;
    made.version.id = id;
    made.version.worker_tag = trigger.worker_tag;
    made.version.created_on = t.clock.now();
    made.version.source = "wrangler";
    made.version.main_module = "index.js";
    made.version.modules = {{"index.js", "application/javascript+module", std::string(64, 'a'), 3}};
    made.version.build_uuid = build;
    return made;
  }
  Uuid version() {
    const Uuid id = t.entropy.uuid();
    EXPECT_TRUE(t.versions.add_version(fresh(id)));
    t.clock.advance(1000);
    return id;
  }
  void deploy(const Uuid& version) {
    model::Deployment made;
    made.id = t.entropy.uuid();
    made.worker_tag = trigger.worker_tag;
    made.created_on = t.clock.now();
    made.source = "wrangler";
    made.versions = {{version, 100}};
    EXPECT_TRUE(t.versions.add_deployment(made));
    t.clock.advance(1000);
  }
  std::int64_t prune(PruneKind kind, const model::Retention& keep, bool trial = false) {
    PruneWish wish;
    wish.keep = keep;
    wish.trial = trial;
    PruneCursor cursor;
    std::int64_t gone = 0;
    for (int steps = 0; !cursor.done && steps < 1000; ++steps) {
      const auto step = t.retained.prune(kind, wish, cursor);
      if (!step) ADD_FAILURE() << step.error().message;
      gone += step->gone;
    }
    EXPECT_TRUE(cursor.done);
    return gone;
  }
  bool has_build(const Uuid& uuid) { return t.builds.build(trigger.account_id, uuid).has_value(); }
  bool has_version(const Uuid& id) { return t.versions.version(trigger.worker_tag, id).has_value(); }
};

class Retention : public Contract {
 protected:
  RetentionGround ground{t};
};

TEST_P(Retention, TakesNothingUnlessItIsTold) {
  const Uuid old = ground.build("main", model::BuildOutcome::fail);
  ground.build("main");
  t.clock.advance(1000 * kDay);
  for (const PruneKind kind : {PruneKind::deleted_workers, PruneKind::versions, PruneKind::assets,
                               PruneKind::builds, PruneKind::logs, PruneKind::deliveries})
    EXPECT_EQ(ground.prune(kind, {}), 0);
  EXPECT_TRUE(ground.has_build(old));
}

TEST_P(Retention, OfBuildsKeepsTheNewestAndTheNewestGoodOneOfEachBranch) {
  const Uuid first = ground.build("main");
  const Uuid good = ground.build("main");
  const Uuid bad = ground.build("main", model::BuildOutcome::fail);
  const Uuid newest = ground.build("main", model::BuildOutcome::fail);
  const Uuid other = ground.build("feature");
  const Uuid waiting = t.add_build(ground.trigger, "main").uuid;
  t.clock.advance(2 * kDay);
  model::Retention keep;
  keep.build_days = 1;
  EXPECT_EQ(ground.prune(PruneKind::builds, keep, true), 3);
  EXPECT_TRUE(ground.has_build(first)) << "a trial takes nothing";
  EXPECT_EQ(ground.prune(PruneKind::builds, keep), 3);
  EXPECT_FALSE(ground.has_build(first));
  EXPECT_TRUE(ground.has_build(good));
  EXPECT_FALSE(ground.has_build(bad));
  EXPECT_FALSE(ground.has_build(newest)) << "one that waits is newer";
  EXPECT_TRUE(ground.has_build(other));
  EXPECT_TRUE(ground.has_build(waiting));
  EXPECT_EQ(ground.prune(PruneKind::builds, keep), 0);
}

TEST_P(Retention, KeepsABuildAsLongAsItsVersion) {
  const Uuid version = t.entropy.uuid();
  const Uuid build = ground.build("main", model::BuildOutcome::success, version);
  ground.build("main");
  const Uuid newer = ground.version();
  ground.deploy(newer);
  t.clock.advance(2 * kDay);
  model::Retention keep;
  keep.build_days = 1;
  EXPECT_EQ(ground.prune(PruneKind::builds, keep), 0);
  EXPECT_EQ(t.builds.builds_by_versions(ground.trigger.account_id, {version})->size(), 1U);
  keep.version_days = 1;
  EXPECT_EQ(ground.prune(PruneKind::versions, keep), 1);
  EXPECT_EQ(ground.prune(PruneKind::builds, keep), 1);
  EXPECT_TRUE(t.builds.builds_by_versions(ground.trigger.account_id, {version})->empty());
  EXPECT_FALSE(ground.has_build(build));
}

TEST_P(Retention, PagesOfBuildsCloseOverWhatIsGone) {
  std::vector<Uuid> builds;
  for (int i = 0; i < 30; ++i)
    builds.push_back(ground.build(i % 10 == 0 ? "keeps" + std::to_string(i) : "main"));
  model::Retention keep;
  keep.builds = 8;
  // Of the first 22, those of branches 0, 10 and 20 stay.
  EXPECT_EQ(ground.prune(PruneKind::builds, keep), 19);
  std::vector<Uuid> kept;
  for (int page = 1; page <= 4; ++page) {
    const auto found =
        t.builds.builds_of_worker(ground.trigger.account_id, ground.trigger.worker_tag, {page, 4});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->total, 11U);
    for (const BuildRow& row : found->items) kept.push_back(row.build.uuid);
  }
  std::vector<Uuid> expected(builds.rbegin(), builds.rbegin() + 8);
  for (const int i : {20, 10, 0}) expected.push_back(builds[static_cast<std::size_t>(i)]);
  EXPECT_EQ(kept, expected);
  EXPECT_EQ(t.builds.builds_of_account(ground.trigger.account_id, {1, 50})->total, 11U);
  // And those that come later are in front.
  const Uuid next = ground.build("main");
  EXPECT_EQ(t.builds.builds_of_worker(ground.trigger.account_id, ground.trigger.worker_tag, {1, 4})
                ->items.front()
                .build.uuid,
            next);
}

TEST_P(Retention, OfVersionsKeepsWhatSomethingLeadsTo) {
  const Uuid of_branch = t.entropy.uuid();
  ground.build("main", model::BuildOutcome::success, of_branch);
  const Uuid aliased = t.entropy.uuid();
  NewVersion with_alias = ground.fresh(aliased);
  with_alias.alias = "feature";
  ASSERT_TRUE(t.versions.add_version(with_alias));
  const Uuid before_last = ground.version();
  ground.deploy(before_last);
  const Uuid live = ground.version();
  const Uuid unused = ground.version();
  ground.deploy(live);
  const Uuid newest = ground.version();
  t.clock.advance(2 * kDay);
  model::Retention keep;
  keep.version_days = 1;
  keep.deployments = 1;
  EXPECT_EQ(ground.prune(PruneKind::versions, keep, true), 2);
  EXPECT_EQ(ground.prune(PruneKind::versions, keep), 2);
  EXPECT_FALSE(ground.has_version(unused));
  EXPECT_FALSE(ground.has_version(before_last)) << "its deployment is not among the last";
  for (const Uuid& kept : {of_branch, aliased, live, newest}) EXPECT_TRUE(ground.has_version(kept));
  EXPECT_EQ(t.versions.versions(ground.trigger.worker_tag, {1, 10})->total, 4U);
  EXPECT_EQ(t.versions.versions(ground.trigger.worker_tag, {2, 3})->items.size(), 1U);
  const auto deployments = t.versions.deployments(ground.trigger.worker_tag, {1, 10});
  EXPECT_EQ(deployments->total, 1U);
  ASSERT_EQ(deployments->items.size(), 1U);
  EXPECT_EQ(deployments->items[0].versions[0].version_id, live);
}

TEST_P(Retention, OfLogsLeavesALineInTheirPlace) {
  const Uuid old = ground.build("main");
  const Uuid newest = ground.build("main");
  t.clock.advance(2 * kDay);
  model::Retention keep;
  keep.log_days = 1;
  EXPECT_EQ(ground.prune(PruneKind::logs, keep), 1);
  EXPECT_EQ(ground.prune(PruneKind::logs, keep), 0) << "its line is no log";
  const auto log = t.builds.log(old, "", 1 << 20);
  ASSERT_EQ(log->lines.size(), 1U);
  EXPECT_NE(log->lines[0].text.find("was removed"), std::string::npos);
  EXPECT_EQ(t.builds.log(newest, "", 1 << 20)->lines[0].text, "The end.");
}

TEST_P(Retention, OfADeletedWorkerNothingStaysThatTakesRoom) {
  const Uuid version = ground.version();
  ground.deploy(version);
  ASSERT_TRUE(t.workers.delete_worker(ground.trigger.account_id, "hello", t.clock.now()));
  EXPECT_EQ(t.checks.named_blobs()->size(), 1U);
  EXPECT_EQ(ground.prune(PruneKind::deleted_workers, {}), 0);
  t.clock.advance(8 * kDay);
  EXPECT_EQ(ground.prune(PruneKind::deleted_workers, {}, true), 1);
  EXPECT_EQ(ground.prune(PruneKind::deleted_workers, {}), 1);
  EXPECT_TRUE(t.checks.named_blobs()->empty());
  EXPECT_EQ(ground.prune(PruneKind::deleted_workers, {}), 0);
}

KILN_CONTRACT(Retention);

}  // namespace
}  // namespace kiln::store::contract
