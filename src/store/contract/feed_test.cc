// The numbered feed of changes, as each cache needs it.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Feed : Contract {
  const Changes& changes = t.feed.changes();
};

TEST_P(Feed, CountsWhatChangesTriggersAndTokensAlone) {
  const model::Trigger trigger = t.add_trigger();
  std::uint64_t triggers = changes.triggers.load();
  std::uint64_t tokens = changes.tokens.load();
  t.add_build(trigger);
  t.claim_next(t.make_claim());
  EXPECT_EQ(changes.triggers.load(), triggers);
  EXPECT_EQ(changes.tokens.load(), tokens);
  ASSERT_TRUE(t.triggers.update_trigger(trigger));
  EXPECT_GT(changes.triggers.load(), triggers);
  model::ApiToken token;
  token.id = t.entropy.uuid();
  token.account_id = trigger.account_id;
  token.created_on = t.clock.now();
  ASSERT_TRUE(t.accounts.add_token(token, sha256("secret")));
  EXPECT_GT(changes.tokens.load(), tokens);
  tokens = changes.tokens.load();
  ASSERT_TRUE(t.accounts.revoke_token(token.account_id, token.id));
  EXPECT_GT(changes.tokens.load(), tokens);
}

TEST_P(Feed, IsHeardByASecondProcess) {
  const auto other = GetParam().open(t.folder.path(), t.clock, t.box, t.entropy);
  const Changes& theirs = other->ports().feed.changes();
  const std::uint64_t before = theirs.routes.load();
  t.add_worker(t.add_account().id);
  EXPECT_GT(changes.routes.load(), before);
  ASSERT_TRUE(other->ports().feed.catch_up());
  EXPECT_EQ(theirs.routes.load(), changes.routes.load());
}

TEST_P(Feed, GoesOnWhereItWasWhenTheStoreIsOpenedAgain) {
  t.add_trigger();
  const auto again = GetParam().open(t.folder.path(), t.clock, t.box, t.entropy);
  EXPECT_EQ(again->ports().feed.changes().triggers.load(), changes.triggers.load());
}

KILN_CONTRACT(Feed);

}  // namespace
}  // namespace kiln::store::contract
