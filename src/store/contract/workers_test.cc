// Workers themselves, and what goes with them.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Workers : public Contract {
 protected:
  NewVersion version() {
    NewVersion made;
    made.version.id = t.entropy.uuid();
    made.version.worker_tag = worker_.tag;
    made.version.created_on = t.clock.now();
    made.version.main_module = "index.js";
    made.secrets = {{"S", "hush"}};
    return made;
  }

  model::Account account_ = t.add_account();
  model::Worker worker_ = t.add_worker(account_.id, "hello");
};

TEST_P(Workers, GoWithTheirSecretsAndTriggers) {
  const model::Trigger trigger = t.add_trigger(worker_);
  const NewVersion made = version();
  ASSERT_TRUE(t.versions.add_version(made));
  ASSERT_TRUE(t.workers.delete_worker(account_.id, "hello", t.clock.now()));
  EXPECT_EQ(t.workers.worker(account_.id, "hello").error().code, Errc::worker_not_found);
  EXPECT_EQ(t.versions.add_version(version()).error().code, Errc::worker_not_found);
  EXPECT_TRUE(t.versions.version_secrets(made.version.id)->empty());
  EXPECT_FALSE(t.triggers.trigger(account_.id, trigger.uuid));
  model::Worker again = worker_;
  again.tag = t.entropy.hex32();
  EXPECT_EQ(t.workers.ensure_worker(again)->tag, again.tag);
  EXPECT_EQ(t.workers.ensure_worker(worker_)->tag, again.tag);
}

TEST_P(Workers, AreFoundByNameTagAndBuildWithinTheirAccount) {
  const std::string other = t.add_account("else").id;
  const Uuid build = t.add_build(t.add_trigger(worker_)).uuid;
  EXPECT_EQ(t.workers.worker(account_.id, "hello")->tag, worker_.tag);
  EXPECT_EQ(t.workers.worker_by_tag(account_.id, worker_.tag)->name, "hello");
  EXPECT_EQ(t.workers.worker_of_build(build)->tag, worker_.tag);
  EXPECT_EQ(t.workers.workers(account_.id)->size(), 1U);
  EXPECT_EQ(t.workers.worker(other, "hello").error().code, Errc::worker_not_found);
  EXPECT_EQ(t.workers.worker_by_tag(other, worker_.tag).error().code, Errc::worker_not_found);
  EXPECT_EQ(t.workers.worker_of_build(t.entropy.uuid()).error().code, Errc::not_found);
  EXPECT_TRUE(t.workers.workers(other)->empty());
}

TEST_P(Workers, ChangeOnlyInTheirOwnAccount) {
  model::Worker changed = worker_;
  changed.settings_json = R"({"logpush":true})";
  changed.previews_enabled = false;
  ASSERT_TRUE(t.workers.update_worker(changed));
  const auto now = t.workers.worker(account_.id, "hello");
  EXPECT_EQ(now->settings_json, changed.settings_json);
  EXPECT_FALSE(now->previews_enabled);
  EXPECT_TRUE(now->subdomain_enabled);
  changed.account_id = t.add_account("else").id;
  EXPECT_EQ(t.workers.update_worker(changed).error().code, Errc::worker_not_found);
}

KILN_CONTRACT(Workers);

}  // namespace
}  // namespace kiln::store::contract
