// Named previews and aliases, and how they end.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct PreviewGround {
  testing::StoreGround& store;
  model::Account account = store.add_account();
  model::Worker worker = store.add_worker(account.id, "hello");
  PreviewStore& previews = store.previews;
  VersionStore& versions = store.versions;

  NewVersion fresh(const std::string& alias = {}) {
    store.clock.advance(1);
    NewVersion made;
    made.version.id = store.entropy.uuid();
    made.version.worker_tag = worker.tag;
    made.version.created_on = store.clock.now();
    made.version.main_module = "index.js";
    made.secrets = {{"S", "hush"}};
    made.alias = alias;
    return made;
  }
  model::Preview preview(const std::string& name, const std::string& slug) {
    model::Preview made{store.entropy.uuid(), worker.tag,        name, slug,
                        store.clock.now(),    store.clock.now(), "{}"};
    EXPECT_TRUE(previews.add_preview(made));
    return made;
  }
  NewVersion deployment_of(const model::Preview& preview) {
    NewVersion made = fresh(preview.slug);
    made.version.preview_id = preview.id;
    return made;
  }
  std::vector<EndedPreviews> end(const Uuid& connection, const std::string& branch) {
    Intake intake;
    intake.gone = {{connection, branch}};
    const Result<IntakeResult> taken = store.queue.enqueue(intake);
    EXPECT_TRUE(taken) << taken.error().message;
    return taken->ended;
  }
  std::vector<std::string> labels() {
    std::vector<std::string> found;
    const auto aliases = previews.aliases(worker.tag);
    for (const model::Alias& alias : *aliases) found.push_back(alias.label);
    return found;
  }
};

using Labels = std::vector<std::string>;

class Previews : public Contract {};
class Aliases : public Contract {};
class Branches : public Contract {};

TEST_P(Previews, AreFoundByNameOrIdAndHaveOneNameAndSlugEach) {
  PreviewGround ground{t};
  const model::Preview made = ground.preview("feat/one", "feat-one");
  EXPECT_EQ(ground.previews.preview(ground.worker.tag, "feat/one")->id, made.id);
  EXPECT_EQ(ground.previews.preview(ground.worker.tag, made.id.str())->name, "feat/one");
  EXPECT_EQ(ground.previews.preview(ground.worker.tag, "x").error().code, Errc::preview_not_found);
  model::Preview again = made;
  again.id = ground.store.entropy.uuid();
  EXPECT_EQ(ground.previews.add_preview(again).error().field, "name");
  again.name = "feat.one";
  EXPECT_EQ(ground.previews.add_preview(again).error().field, "slug");
  EXPECT_EQ(ground.previews.previews(ground.worker.tag, {1, 10})->total, 1U);
}

TEST_P(Previews, KeepTheirDeploymentsApartFromTheVersions) {
  PreviewGround ground{t};
  const model::Preview preview = ground.preview("p", "p");
  const NewVersion version = ground.fresh();
  ASSERT_TRUE(ground.versions.add_version(version));
  const NewVersion first = ground.deployment_of(preview);
  EXPECT_EQ(ground.versions.add_version(first)->number, -1);
  NewVersion second = ground.deployment_of(preview);
  second.after = first.version.id;
  EXPECT_EQ(ground.versions.add_version(second)->number, -2);
  EXPECT_EQ(ground.versions.add_version(ground.fresh())->number, 2);
  EXPECT_EQ(ground.versions.versions(ground.worker.tag, {1, 10})->total, 2U);
  EXPECT_EQ((*ground.versions.base_version(ground.worker.tag))->number, 2);
  EXPECT_EQ((*ground.previews.latest_of_preview(preview.id))->id, second.version.id);
  model::Deployment deployment;
  deployment.id = ground.store.entropy.uuid();
  deployment.worker_tag = ground.worker.tag;
  deployment.versions = {{first.version.id, 100}};
  EXPECT_EQ(ground.versions.add_deployment(deployment).error().code, Errc::version_not_found);
}

TEST_P(Previews, EndWithTheirAliasAndSecrets) {
  PreviewGround ground{t};
  const model::Preview preview = ground.preview("p", "p");
  const NewVersion made = ground.deployment_of(preview);
  ASSERT_TRUE(ground.versions.add_version(made));
  EXPECT_EQ(ground.labels(), Labels{"p"});
  ASSERT_TRUE(ground.previews.delete_preview(ground.worker.tag, preview.id));
  EXPECT_EQ(ground.labels(), Labels{});
  EXPECT_TRUE(ground.versions.version_secrets(made.version.id)->empty());
  EXPECT_TRUE(ground.versions.version(ground.worker.tag, made.version.id));
  EXPECT_EQ(ground.versions.add_version(ground.deployment_of(preview)).error().code, Errc::preview_not_found);
  EXPECT_EQ(ground.previews.delete_preview(ground.worker.tag, preview.id).error().code,
            Errc::preview_not_found);
}

TEST_P(Aliases, BelongToTheLastUploadAndTheOldestGiveWay) {
  PreviewGround ground{t};
  const auto upload = [&](const std::string& alias) {
    NewVersion made = ground.fresh(alias);
    made.max_aliases = 2;
    EXPECT_TRUE(ground.versions.add_version(made));
    return made.version.id;
  };
  upload("a");
  upload("b");
  const Uuid again = upload("a");
  EXPECT_EQ(ground.labels(), (Labels{"a", "b"}));
  EXPECT_EQ(ground.previews.aliases(ground.worker.tag)->at(0).version_id, again);
  upload("c");
  EXPECT_EQ(ground.labels(), (Labels{"c", "a"}));
}

TEST_P(Aliases, ThatGiveWayTakeTheirPreviewAlong) {
  PreviewGround ground{t};
  const model::Preview preview = ground.preview("p", "p");
  ASSERT_TRUE(ground.versions.add_version(ground.deployment_of(preview)));
  NewVersion made = ground.fresh("a");
  made.max_aliases = 1;
  ASSERT_TRUE(ground.versions.add_version(made));
  EXPECT_EQ(ground.labels(), Labels{"a"});
  EXPECT_FALSE(ground.previews.preview(ground.worker.tag, "p"));
}

TEST_P(Branches, TakeTheAliasesOfTheirBuildsAndTheirPreviewAlong) {
  PreviewGround ground{t};
  const model::Trigger trigger = ground.store.add_trigger(ground.worker);
  ground.store.add_build(trigger, "feature/x");
  NewVersion built = ground.fresh("feature-x");
  built.version.build_uuid = ground.store.claim_next(ground.store.make_claim()).build.uuid;
  ASSERT_TRUE(ground.versions.add_version(built));
  ASSERT_TRUE(ground.versions.add_version(ground.fresh("by-hand")));
  ASSERT_TRUE(ground.versions.add_version(ground.deployment_of(ground.preview("feature/x", "p"))));
  const Uuid connection = trigger.connection.uuid;
  EXPECT_TRUE(ground.end(connection, "feature").empty());
  EXPECT_TRUE(ground.end(ground.store.entropy.uuid(), "feature/x").empty());
  const std::vector<EndedPreviews> ended = ground.end(connection, "feature/x");
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].branch, "feature/x");
  EXPECT_EQ(ended[0].worker_name, "hello");
  EXPECT_EQ(ended[0].aliases, Labels{"feature-x"});
  EXPECT_EQ(ended[0].previews, Labels{"feature/x"});
  EXPECT_EQ(ground.labels(), Labels{"by-hand"});
  EXPECT_TRUE(ground.end(connection, "feature/x").empty());
}

KILN_CONTRACT(Previews);
KILN_CONTRACT(Aliases);
KILN_CONTRACT(Branches);

}  // namespace
}  // namespace kiln::store::contract
