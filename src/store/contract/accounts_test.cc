#include <gtest/gtest.h>

#include "base/hash.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

model::ApiToken token_for(testing::StoreGround& t, const std::string& account_id) {
  model::ApiToken token;
  token.id = t.entropy.uuid();
  token.account_id = account_id;
  token.name = "ci";
  token.permissions.ci_read = true;
  token.created_on = t.clock.now();
  return token;
}

class Accounts : public Contract {};
class ApiTokens : public Contract {};
class BuildsOwnToken : public Contract {};

TEST_P(Accounts, MakesTheDefaultOneOnce) {
  const model::Account fresh{t.entropy.hex32(), "default", "acme", t.clock.now()};
  EXPECT_EQ(t.accounts.default_account(fresh)->id, fresh.id);
  const model::Account other{t.entropy.hex32(), "other", "other", t.clock.now() + 1};
  EXPECT_EQ(t.accounts.default_account(other)->id, fresh.id);
  const Result<std::vector<model::Account>> all = t.accounts.accounts();
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().subdomain, "acme");
}

TEST_P(Accounts, EndWithWhatTheyHave) {
  const model::Account first = t.add_account();
  t.clock.advance(1);
  const model::Trigger trigger = t.add_trigger();
  const std::string id = trigger.account_id;
  const model::ApiToken token = token_for(t, id);
  ASSERT_TRUE(t.accounts.add_token(token, sha256("secret")));
  EXPECT_EQ(t.accounts.delete_account(first.id, true).error().code, Errc::conflict);  // the default one
  EXPECT_EQ(t.accounts.delete_account(t.entropy.hex32(), true).error().code, Errc::not_found);
  const model::Build build = t.add_build(trigger);
  EXPECT_EQ(t.accounts.delete_account(id, true).error().code, Errc::conflict);  // a build waits
  ASSERT_TRUE(t.queue.cancel(id, build.uuid, "")) << "its only build";
  EXPECT_EQ(t.accounts.delete_account(id, false).error().field, "with_everything");
  EXPECT_TRUE(t.triggers.trigger(id, trigger.uuid));

  const std::string subdomain = t.accounts.account(id)->subdomain;
  ASSERT_TRUE(t.accounts.delete_account(id, true));
  EXPECT_EQ(t.accounts.account(id).error().code, Errc::not_found);
  EXPECT_EQ(t.accounts.accounts()->size(), 1U);
  EXPECT_FALSE(*t.accounts.find_principal(sha256("secret")));
  EXPECT_EQ(t.triggers.trigger(id, trigger.uuid).error().code, Errc::not_found);
  EXPECT_TRUE(t.workers.workers(id)->empty());
  EXPECT_TRUE(t.connections.connections(id)->empty());
  EXPECT_TRUE(t.builds.row(id, build.uuid)) << "history stays";
  EXPECT_TRUE(t.accounts.add_account({t.entropy.hex32(), "next", subdomain, t.clock.now()}));
  EXPECT_EQ(t.accounts.delete_account(id, true).error().code, Errc::not_found);
}

TEST_P(Accounts, AreRenamed) {
  const model::Account account = t.add_account();
  ASSERT_TRUE(t.accounts.set_name(account.id, "Acme & Söhne"));
  EXPECT_EQ(t.accounts.account(account.id)->name, "Acme & Söhne");
  EXPECT_EQ(t.accounts.set_name(t.entropy.hex32(), "x").error().code, Errc::not_found);
}

TEST_P(ApiTokens, AreRotatedWithTheSecretBeforeGoodForAWhile) {
  const model::Account account = t.add_account();
  const model::ApiToken token = token_for(t, account.id);
  ASSERT_TRUE(t.accounts.add_token(token, sha256("one")));
  ASSERT_TRUE(t.accounts.rotate_token(account.id, token.id, sha256("two"), 10));
  EXPECT_EQ((*t.accounts.find_principal(sha256("two")))->token_id, token.id.str());
  const auto old = t.accounts.find_principal(sha256("one"));
  ASSERT_TRUE(old && *old);
  EXPECT_EQ((*old)->expires_on, t.clock.now() + 10);
  EXPECT_EQ(t.accounts.list_tokens(account.id)->front().old_until, t.clock.now() + 10);
  t.clock.advance(10);
  EXPECT_FALSE(*t.accounts.find_principal(sha256("one")));
  EXPECT_TRUE(*t.accounts.find_principal(sha256("two")));

  ASSERT_TRUE(t.accounts.rotate_token(account.id, token.id, sha256("three"), 0));
  EXPECT_FALSE(*t.accounts.find_principal(sha256("two")));
  EXPECT_EQ(t.accounts.rotate_token(t.add_account("else").id, token.id, sha256("x"), 0).error().code,
            Errc::not_found);
  ASSERT_TRUE(t.accounts.revoke_token(account.id, token.id));
  EXPECT_EQ(t.accounts.rotate_token(account.id, token.id, sha256("x"), 0).error().code, Errc::conflict);
  EXPECT_FALSE(*t.accounts.find_principal(sha256("three")));
}

TEST_P(ApiTokens, AreFoundByHashUntilRevoked) {
  const model::Account account = t.add_account();
  const model::ApiToken token = token_for(t, account.id);
  ASSERT_TRUE(t.accounts.add_token(token, sha256("secret")));
  const auto found = t.accounts.find_principal(sha256("secret"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->account_id, account.id);
  EXPECT_EQ((*found)->token_id, token.id.str());
  EXPECT_EQ((*found)->permissions, token.permissions);
  EXPECT_FALSE((*found)->is_admin);
  EXPECT_FALSE((*found)->build);
  EXPECT_FALSE(*t.accounts.find_principal(sha256("another")));
  EXPECT_FALSE(*t.accounts.find_principal(""));

  ASSERT_TRUE(t.accounts.revoke_token(account.id, token.id));
  EXPECT_FALSE(*t.accounts.find_principal(sha256("secret")));
  EXPECT_EQ(t.accounts.list_tokens(account.id)->front().revoked_on, t.clock.now());
}

TEST_P(ApiTokens, EndWhenTheyExpire) {
  model::ApiToken token = token_for(t, t.add_account().id);
  token.expires_on = t.clock.now() + 10;
  ASSERT_TRUE(t.accounts.add_token(token, sha256("secret")));
  t.clock.advance(9);
  EXPECT_TRUE(*t.accounts.find_principal(sha256("secret")));
  t.clock.advance(1);
  EXPECT_FALSE(*t.accounts.find_principal(sha256("secret")));
}

TEST_P(ApiTokens, OfAnotherAccountCannotBeRevoked) {
  const model::ApiToken token = token_for(t, t.add_account().id);
  ASSERT_TRUE(t.accounts.add_token(token, sha256("secret")));
  EXPECT_EQ(t.accounts.revoke_token(t.add_account("else").id, token.id).error().code, Errc::not_found);
  EXPECT_TRUE(*t.accounts.find_principal(sha256("secret")));
}

TEST_P(ApiTokens, RememberTheirLastUse) {
  const model::Account account = t.add_account();
  const model::ApiToken token = token_for(t, account.id);
  ASSERT_TRUE(t.accounts.add_token(token, sha256("secret")));
  const TimeMs first = t.clock.now();
  t.accounts.touch_token(token.id.str());
  t.clock.advance(1);
  t.accounts.touch_token(token.id.str());  // too soon to be worth a write
  EXPECT_EQ(t.accounts.list_tokens(account.id)->front().last_used_on, first);
  t.clock.set_now(first + 3'600'000);
  t.accounts.touch_token(token.id.str());
  EXPECT_EQ(t.accounts.list_tokens(account.id)->front().last_used_on, first + 3'600'000);
  t.accounts.touch_token("build:none");
}

TEST_P(BuildsOwnToken, IsGoodForItsWorkerWhileItsAttemptHoldsTheLease) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build build = t.add_build(trigger);
  const ClaimRequest request = t.make_claim();
  t.claim_next(request);
  const auto found = t.accounts.find_principal(request.token_hash);
  ASSERT_TRUE(found && *found);
  const model::Principal& principal = **found;
  EXPECT_EQ(principal.account_id, trigger.account_id);
  EXPECT_EQ(principal.permissions, (model::Permissions{false, false, true, true}));
  ASSERT_TRUE(principal.build);
  EXPECT_EQ(principal.build->build_uuid, build.uuid);
  EXPECT_EQ(principal.build->worker_tag, trigger.worker_tag);
  EXPECT_EQ(principal.build->worker_name, "hello");

  ASSERT_TRUE(t.queue.finish(build.uuid, request.lease_id, model::BuildOutcome::success));
  EXPECT_FALSE(*t.accounts.find_principal(request.token_hash));
}

TEST_P(BuildsOwnToken, IsReplacedByTheNextAttempt) {
  t.add_build(t.add_trigger());
  const ClaimRequest first = t.make_claim();
  t.claim_next(first);
  ASSERT_TRUE(t.queue.recover("runner-1", 3));
  EXPECT_FALSE(*t.accounts.find_principal(first.token_hash));
  const ClaimRequest second = t.make_claim();
  t.claim_next(second);
  EXPECT_FALSE(*t.accounts.find_principal(first.token_hash));
  EXPECT_TRUE(*t.accounts.find_principal(second.token_hash));
}

KILN_CONTRACT(Accounts);
KILN_CONTRACT(ApiTokens);
KILN_CONTRACT(BuildsOwnToken);

}  // namespace
}  // namespace kiln::store::contract
