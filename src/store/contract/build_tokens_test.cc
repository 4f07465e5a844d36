#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class BuildTokens : public Contract {};

TEST_P(BuildTokens, ArePagedWithinTheAccount) {
  const std::string account = t.add_account().id;
  for (int i = 0; i < 5; ++i) t.add_build_token(account);
  t.add_build_token(t.add_account("else").id);
  const Paged<model::BuildToken> first = *t.build_tokens.build_tokens(account, {1, 2});
  const Paged<model::BuildToken> last = *t.build_tokens.build_tokens(account, {3, 2});
  EXPECT_EQ(first.total, 5U);
  EXPECT_EQ(first.items.size(), 2U);
  EXPECT_EQ(last.items.size(), 1U);
  EXPECT_TRUE(t.build_tokens.build_tokens(account, {2'000'000'000, 200})->items.empty());
}

TEST_P(BuildTokens, HaveOneDefaultMadeWhenNeeded) {
  const std::string account = t.add_account().id;
  model::BuildToken fresh;
  fresh.uuid = t.entropy.uuid();
  fresh.account_id = account;
  fresh.name = "default";
  fresh.created_on = t.clock.now();
  EXPECT_EQ(t.build_tokens.default_build_token(fresh)->uuid, fresh.uuid);
  model::BuildToken second = fresh;
  second.uuid = t.entropy.uuid();
  EXPECT_EQ(t.build_tokens.default_build_token(second)->uuid, fresh.uuid);
  EXPECT_TRUE(t.build_tokens.default_build_token(second)->is_default);
  second.is_default = true;
  ASSERT_TRUE(t.build_tokens.add_build_token(second, "x"));
  EXPECT_EQ(t.build_tokens.default_build_token(fresh)->uuid, second.uuid);
  ASSERT_TRUE(t.build_tokens.delete_build_token(account, second.uuid, t.clock.now()));
  EXPECT_EQ(t.build_tokens.delete_build_token(account, second.uuid, 1).error().code, Errc::not_found);
  model::BuildToken third = fresh;
  third.uuid = t.entropy.uuid();
  EXPECT_EQ(t.build_tokens.default_build_token(third)->uuid, third.uuid);
}

KILN_CONTRACT(BuildTokens);

}  // namespace
}  // namespace kiln::store::contract
