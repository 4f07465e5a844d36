// Versions and deployments of Workers.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct VersionGround {
  testing::StoreGround& store;
  model::Account account = store.add_account();
  model::Worker worker = store.add_worker(account.id, "hello");

  NewVersion fresh() {
    NewVersion made;
    made.version.id = store.entropy.uuid();
    made.version.worker_tag = worker.tag;
    made.version.created_on = store.clock.now();
    made.version.source = "wrangler";
    made.version.main_module = "index.js";
    made.version.handlers = {"fetch"};
    made.version.modules = {{"index.js", "application/javascript+module", std::string(64, 'a'), 3}};
    made.version.assets = {{"/index.html", std::string(32, 'b'), 14}};
    made.secrets = {{"S", "hush"}};
    return made;
  }
  model::Deployment deployment(const Uuid& version) {
    model::Deployment made;
    made.id = store.entropy.uuid();
    made.worker_tag = worker.tag;
    made.created_on = store.clock.now();
    made.source = "wrangler";
    made.versions = {{version, 100}};
    return made;
  }
  // A build of this Worker that holds a lease.
  Uuid running_build() {
    store.add_build(store.add_trigger(worker));
    return store.claim_next(store.make_claim()).build.uuid;
  }
};

class Versions : public Contract {};

TEST_P(Versions, GivesBackWhatAVersionWasMadeOf) {
  VersionGround ground{t};
  const NewVersion made = ground.fresh();
  const auto added = ground.store.versions.add_version(made);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->number, 1);
  const auto read = ground.store.versions.version(ground.worker.tag, made.version.id);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->handlers, made.version.handlers);
  ASSERT_EQ(read->modules.size(), 1U);
  EXPECT_EQ(read->modules[0].content_type, "application/javascript+module");
  ASSERT_EQ(read->assets.size(), 1U);
  EXPECT_EQ(read->assets[0].size, 14U);
  EXPECT_EQ(ground.store.versions.version_secrets(made.version.id).value(), made.secrets);
  const auto listed = ground.store.versions.versions(ground.worker.tag, {1, 10});
  EXPECT_EQ(listed->total, 1U);
  EXPECT_TRUE(ground.store.versions.versions(ground.worker.tag, {2, 10})->items.empty());
}

TEST_P(Versions, KeepsTheTimeOfTheTrialStart) {
  VersionGround ground{t};
  NewVersion made = ground.fresh();
  made.version.startup_time_ms = 42;
  ASSERT_TRUE(ground.store.versions.add_version(made));
  EXPECT_EQ(ground.store.versions.version(ground.worker.tag, made.version.id)->startup_time_ms, 42);
  EXPECT_EQ(ground.store.versions.versions(ground.worker.tag, {1, 10})->items[0].startup_time_ms, 42);
}

TEST_P(Versions, TellsWhatABuildUploadedAndWhatLeadsThere) {
  VersionGround ground{t};
  const Uuid build = ground.running_build();
  EXPECT_TRUE(ground.store.versions.uploads_of(build)->empty());
  EXPECT_TRUE(ground.store.versions.uploads_of(ground.store.entropy.uuid())->empty());
  NewVersion branch = ground.fresh();
  branch.version.build_uuid = build;
  branch.alias = "feature";
  ASSERT_TRUE(ground.store.versions.add_version(branch));
  t.clock.advance(1'000);
  NewVersion live = ground.fresh();
  live.version.build_uuid = build;
  live.deployment = ground.deployment(live.version.id);
  ASSERT_TRUE(ground.store.versions.add_version(live));
  auto found = ground.store.versions.uploads_of(build);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(0).version_id, branch.version.id);
  EXPECT_EQ(found->at(0).aliases, std::vector<std::string>{"feature"});
  EXPECT_EQ(found->at(0).percentage, 0);
  EXPECT_EQ(found->at(1).percentage, 100);
  EXPECT_EQ(found->at(1).worker_name, "hello");
  EXPECT_EQ(found->at(0).created_on, branch.version.created_on);
  EXPECT_EQ(found->at(1).created_on, live.version.created_on);
  EXPECT_TRUE(found->at(1).aliases.empty());
  // What is deployed later takes the requests.
  NewVersion next = ground.fresh();
  next.deployment = ground.deployment(next.version.id);
  ASSERT_TRUE(ground.store.versions.add_version(next));
  EXPECT_EQ(ground.store.versions.uploads_of(build)->at(1).percentage, 0);
  ASSERT_TRUE(ground.store.workers.delete_worker(ground.account.id, "hello", ground.store.clock.now()));
  EXPECT_TRUE(ground.store.versions.uploads_of(build)->empty());
}

TEST_P(Versions, KeepsTheFirstEightDigitsOfVersionsApart) {
  VersionGround ground{t};
  const NewVersion first = ground.fresh();
  NewVersion second = ground.fresh();
  std::copy_n(first.version.id.bytes.begin(), 4, second.version.id.bytes.begin());
  ASSERT_TRUE(ground.store.versions.add_version(first));
  EXPECT_EQ(ground.store.versions.add_version(second).error().code, Errc::conflict);
}

TEST_P(Versions, NoticesThatAnotherVersionCameBetween) {
  VersionGround ground{t};
  NewVersion first = ground.fresh();
  first.after = Uuid{};
  ASSERT_TRUE(ground.store.versions.add_version(first));
  NewVersion late = ground.fresh();
  late.after = Uuid{};
  EXPECT_EQ(ground.store.versions.add_version(late).error().code, Errc::conflict);
  late.after = first.version.id;
  EXPECT_TRUE(ground.store.versions.add_version(late));
}

TEST_P(Versions, DeploysInTheSameTransactionOrNotAtAll) {
  VersionGround ground{t};
  NewVersion made = ground.fresh();
  made.deployment = ground.deployment(ground.store.entropy.uuid());
  EXPECT_EQ(ground.store.versions.add_version(made).error().code, Errc::version_not_found);
  EXPECT_FALSE(ground.store.versions.base_version(ground.worker.tag).value());
  made.deployment = ground.deployment(made.version.id);
  ASSERT_TRUE(ground.store.versions.add_version(made));
  const auto deployments = ground.store.versions.deployments(ground.worker.tag, {1, 10});
  ASSERT_EQ(deployments->items.size(), 1U);
  EXPECT_EQ(deployments->items[0].versions[0].version_id, made.version.id);
}

TEST_P(Versions, ListsDeploymentsNewestFirst) {
  VersionGround ground{t};
  const NewVersion made = ground.fresh();
  ASSERT_TRUE(ground.store.versions.add_version(made));
  const model::Deployment first = ground.deployment(made.version.id);
  const model::Deployment second = ground.deployment(made.version.id);
  ASSERT_TRUE(ground.store.versions.add_deployment(first));
  ASSERT_TRUE(ground.store.versions.add_deployment(second));
  const auto found = ground.store.versions.deployments(ground.worker.tag, {1, 1});
  EXPECT_EQ(found->total, 2U);
  EXPECT_EQ(found->items[0].id, second.id);
  EXPECT_EQ(ground.store.versions.deployments(ground.worker.tag, {2, 1})->items[0].id, first.id);
}

TEST_P(Versions, ShowsOneDeploymentOfAWorkerAndOfNoOther) {
  VersionGround ground{t};
  const NewVersion made = ground.fresh();
  ASSERT_TRUE(ground.store.versions.add_version(made));
  const model::Deployment first = ground.deployment(made.version.id);
  ASSERT_TRUE(ground.store.versions.add_deployment(first));
  const auto found = ground.store.versions.deployment(ground.worker.tag, first.id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, first.id);
  EXPECT_EQ((*found)->versions.at(0).version_id, made.version.id);
  EXPECT_FALSE(ground.store.versions.deployment(std::string(32, 'f'), first.id).value());
  EXPECT_FALSE(ground.store.versions.deployment(ground.worker.tag, made.version.id).value());
}

TEST_P(Versions, MapsAVersionToTheBuildThatUploadedIt) {
  VersionGround ground{t};
  const Uuid build = ground.running_build();
  NewVersion made = ground.fresh();
  made.version.build_uuid = build;
  made.has_preview = true;
  made.alias = "feature";
  ASSERT_TRUE(ground.store.versions.add_version(made));
  const auto view = ground.store.builds.build(ground.account.id, build);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->build.version_ids, std::vector<Uuid>{made.version.id});
  EXPECT_EQ(view->build.previewed, made.version.id);
  EXPECT_EQ(view->build.preview_alias, "feature");
}

TEST_P(Versions, TakesARepeatedUploadOfABuildOnce) {
  VersionGround ground{t};
  const Uuid build = ground.running_build();
  NewVersion made = ground.fresh();
  made.version.build_uuid = build;
  made.upload_hash = "h";
  NewVersion again = made;
  again.version.id = ground.store.entropy.uuid();
  ASSERT_TRUE(ground.store.versions.add_version(made));
  EXPECT_EQ(ground.store.versions.add_version(again)->id, made.version.id);
  NewVersion other = ground.fresh();
  ASSERT_TRUE(ground.store.versions.add_version(other));
  EXPECT_EQ(ground.store.versions.add_version(again)->id, again.version.id);
}

TEST_P(Versions, RefusesABuildThatHasStopped) {
  VersionGround ground{t};
  const Uuid build = ground.running_build();
  NewVersion made = ground.fresh();
  ASSERT_TRUE(ground.store.versions.add_version(made));
  ASSERT_TRUE(ground.store.queue.cancel(ground.account.id, build, "stopped"));
  NewVersion late = ground.fresh();
  late.version.build_uuid = build;
  EXPECT_EQ(ground.store.versions.add_version(late).error().code, Errc::forbidden);
  model::Deployment deployment = ground.deployment(made.version.id);
  deployment.build_uuid = build;
  EXPECT_EQ(ground.store.versions.add_deployment(deployment).error().code, Errc::forbidden);
}

KILN_CONTRACT(Versions);

}  // namespace
}  // namespace kiln::store::contract
