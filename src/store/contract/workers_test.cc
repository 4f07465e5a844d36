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

KILN_CONTRACT(Workers);

}  // namespace
}  // namespace kiln::store::contract
