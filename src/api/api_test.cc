// The gate and the error table, over plain request values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/auth.h"
#include "api/builds/id_lists.h"
#include "api/error_table.h"
#include "base/hash.h"
#include "testing/memory_store.h"

namespace kiln::api {
namespace {

struct Answer {
  int status = 0;
  std::int64_t code = 0;
  std::string message;
};

Answer answer_of(const http::Reply& reply) {
  const auto& response = std::get<http::Response>(reply);
  const boost::json::value body = boost::json::parse(response.body);
  const boost::json::array& errors = body.at("errors").as_array();
  if (errors.empty()) return {response.status, 0, {}};
  return {response.status, errors[0].at("code").to_number<std::int64_t>(),
          errors[0].at("message").as_string().c_str()};
}

class GateTest : public ::testing::Test {
 protected:
  GateTest() { account_ = store_.add_account(); }

  void add_token(const std::string& text, const std::string& permissions,
                 std::optional<TimeMs> expires = std::nullopt) {
    model::ApiToken token{store_.entropy.uuid(), account_.id, "t", *model::Permissions::parse(permissions),
                          store_.clock.now(),    expires,     {},  {}};
    ASSERT_TRUE(store_.accounts.add_token(token, sha256(text)));
  }

  Answer ask(Needs needs, const std::string& authorization, const std::string& account,
             std::optional<unsigned> peer_uid = std::nullopt) {
    http::Request request;
    request.path = "/client/v4/accounts/" + account + "/builds/x";
    request.params.emplace_back("account_id", account);
    request.peer_uid = peer_uid;
    request.peer = peer_;
    if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
    const http::Guarded guarded =
        gate_.guard(needs, [](const Call&) -> Result<http::Reply> { return success_response(nullptr); });
    const std::optional<http::Response> refused = guarded.check(request);
    const bool known = !refused || (refused->status != 401 && refused->status != 429);
    EXPECT_EQ(request.caller != 0, known) << "what it holds counts to it";
    return answer_of(refused ? *refused : guarded.handler(request));
  }

  testing::TestStore store_;
  model::Account account_;
  std::string peer_ = "198.51.100.1";
  Gate gate_{store_.accounts, store_.database->changes(), store_.clock, 4711, 3};
};

TEST_F(GateTest, LetsInATokenWithTheRight) {
  add_token("secret", "ci:read");
  EXPECT_EQ(ask(Needs::ci_read, "Bearer secret", account_.id).status, 200);
  EXPECT_EQ(ask(Needs::ci_read, "bearer secret", account_.id).status, 200);
}

// The thread that answers does not wait for the disk.
TEST_F(GateTest, WritesDownThatATokenWasUsedOnlyWhenTold) {
  add_token("secret", "ci:read");
  EXPECT_EQ(ask(Needs::ci_read, "Bearer secret", account_.id).status, 200);
  const auto used = [&] { return store_.accounts.list_tokens(account_.id)->front().last_used_on; };
  EXPECT_FALSE(used());
  gate_.write_uses();
  EXPECT_EQ(used(), store_.clock.now());
}

TEST_F(GateTest, KeepsOutWhoIsUnknownExpiredOrWithoutTheRight) {
  add_token("secret", "ci:read");
  add_token("old", "ci:read", store_.clock.now() - 1);
  EXPECT_EQ(ask(Needs::ci_read, "", account_.id).code, 1000);
  EXPECT_EQ(ask(Needs::ci_read, "Basic secret", account_.id).code, 1000);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer wrong", account_.id).code, 1000);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer old", account_.id).code, 1000);
  EXPECT_EQ(ask(Needs::ci_write, "Bearer secret", account_.id).code, 10000);
  EXPECT_EQ(ask(Needs::admin, "Bearer secret", account_.id).code, 10000);
}

TEST_F(GateTest, SaysWhichRightLacksAndWhoGivesIt) {
  add_token("secret", "ci:read");
  for (const auto& [needs, right] : {std::pair(Needs::ci_write, "ci:write"), {Needs::admin, "admin"}}) {
    const Answer refused = ask(needs, "Bearer secret", account_.id);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code, 10000);
    EXPECT_EQ(
        refused.message,
        fmt::format("Authentication error: this needs the right {0}, which the token 't' lacks; an "
                    "administrator makes one that has it: kiln token create --name NAME --permissions {0}",
                    right));
  }
}

TEST_F(GateTest, ATokenWithTheRightAdminMayEverythingEverywhere) {
  const model::Account other = store_.add_account("other");
  add_token("secret", "admin");
  for (const Needs needs : {Needs::ci_write, Needs::scripts_write, Needs::admin}) {
    EXPECT_EQ(ask(needs, "Bearer secret", account_.id).status, 200);
    EXPECT_EQ(ask(needs, "Bearer secret", other.id).status, 200);
  }
}

TEST_F(GateTest, ForgetsARevokedTokenAtOnceAndAnExpiredOneInTime) {
  add_token("secret", "ci:read");
  add_token("brief", "ci:read", store_.clock.now() + 1000);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer secret", account_.id).status, 200);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer brief", account_.id).status, 200);
  store_.clock.advance(1000);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer brief", account_.id).status, 401);
  const std::vector<model::ApiToken> tokens = *store_.accounts.list_tokens(account_.id);
  for (const model::ApiToken& token : tokens) {
    ASSERT_TRUE(store_.accounts.revoke_token(account_.id, token.id));
  }
  EXPECT_EQ(ask(Needs::ci_read, "Bearer secret", account_.id).status, 401);
}

// A connection keeps the request whose head is repeated, and what was worked out of it.
TEST_F(GateTest, ForgetsARevokedTokenOnAConnectionThatRepeatsItsHeadToo) {
  add_token("secret", "ci:read");
  http::Request request;
  request.headers.emplace_back("authorization", "Bearer secret");
  for (int again = 0; again < 2; ++again) EXPECT_TRUE(gate_.identify(request));
  EXPECT_EQ(request.token_hash, sha256("secret"));
  const std::vector<model::ApiToken> tokens = *store_.accounts.list_tokens(account_.id);
  ASSERT_TRUE(store_.accounts.revoke_token(account_.id, tokens.front().id));
  const auto refused = gate_.identify(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unauthenticated);
}

TEST_F(GateTest, TellsAnAddressThatGuessesToStop) {
  peer_ = "203.0.113.7";
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ask(Needs::ci_read, "Bearer guess", account_.id).status, 401);
  const Answer refused = ask(Needs::ci_read, "Bearer guess", account_.id);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code, 12005);
  peer_ = "203.0.113.8";
  EXPECT_EQ(ask(Needs::ci_read, "Bearer guess", account_.id).status, 401) << "another address";
  peer_ = "203.0.113.7";
  store_.clock.advance(60'000);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer guess", account_.id).status, 401) << "a minute later";
}

TEST_F(GateTest, LetsInAGoodTokenHoweverManyHaveFailedFromItsAddress) {
  for (int i = 0; i < 101; ++i) (void)ask(Needs::ci_read, fmt::format("Bearer guess {}", i), account_.id);
  add_token("new", "ci:read");
  EXPECT_EQ(ask(Needs::ci_read, "Bearer new", account_.id).status, 200);
}

TEST_F(GateTest, CountsWhatIsHeldToTheTokenAndToNobodyWithoutOne) {
  add_token("one", "ci:read");
  add_token("two", "ci:read");
  std::vector<std::uint64_t> callers;
  for (const char* token : {"one", "one", "two", "bad"}) {
    http::Request request;
    request.headers.emplace_back("authorization", std::string("Bearer ") + token);
    (void)gate_.identify(request);
    callers.push_back(request.caller);
  }
  EXPECT_EQ(callers[0], callers[1]);
  EXPECT_NE(callers[0], callers[2]);
  EXPECT_NE(callers[0], 0U);
  EXPECT_EQ(callers[3], 0U);
}

TEST_F(GateTest, LetsABuildDeployWhateverItsNeighboursGuess) {
  const model::Trigger trigger = store_.add_trigger();
  store_.add_build(trigger);
  store::ClaimRequest claim = store_.make_claim();
  claim.token_hash = sha256("kiln_b_minted");
  store_.claim_next(claim);
  for (int i = 0; i < 9; ++i) (void)ask(Needs::scripts_write, "Bearer guess", trigger.account_id);
  EXPECT_EQ(ask(Needs::scripts_write, "Bearer kiln_b_minted", trigger.account_id).status, 200);
}

TEST_F(GateTest, NeverShowsAnotherAccount) {
  add_token("secret", "ci:read");
  EXPECT_EQ(ask(Needs::ci_read, "Bearer secret", std::string(32, 'a')).status, 403);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer secret", "nonsense").code, 7003);
}

TEST_F(GateTest, TakesTheOwnerOfTheDataDirectoryAtItsSocket) {
  EXPECT_EQ(ask(Needs::admin, "", account_.id, 4711).status, 200);
  EXPECT_EQ(ask(Needs::admin, "", account_.id, 0).status, 200);
  EXPECT_EQ(ask(Needs::admin, "", account_.id, 4712).code, 1000);
}

TEST_F(GateTest, LetsABuildsTokenDeployAndNothingElse) {
  const model::Trigger trigger = store_.add_trigger();
  store_.add_build(trigger);
  store::ClaimRequest claim = store_.make_claim();
  claim.token_hash = sha256("minted");
  store_.claim_next(claim);
  EXPECT_EQ(ask(Needs::scripts_write, "Bearer minted", trigger.account_id).status, 200);
  EXPECT_EQ(ask(Needs::ci_read, "Bearer minted", trigger.account_id).status, 403);
  EXPECT_EQ(ask(Needs::ci_write, "Bearer minted", trigger.account_id).status, 403);
}

TEST(ErrorTable, SpeaksToEachFamilyInItsOwnNumbers) {
  http::Request builds;
  builds.path = "/client/v4/accounts/x/builds/tokens";
  http::Request workers;
  workers.path = "/client/v4/accounts/x/workers/scripts/y";
  const Error missing{Errc::worker_not_found, "no such Worker", {}};
  EXPECT_EQ(answer_of(error_response(builds, missing)).code, 12000);
  EXPECT_EQ(answer_of(error_response(workers, missing)).code, 10007);
  http::Request services;
  services.path = "/client/v4/accounts/a/workers/services/nobody";
  EXPECT_EQ(answer_of(error_response(services, {Errc::worker_not_found, "", ""})).code, 10090);
  EXPECT_EQ(answer_of(error_response(workers, {Errc::unauthenticated, "", {}})).code, 9109);
  EXPECT_EQ(answer_of(error_response(builds, {Errc::invalid, "page must be positive", {}})).message,
            "Invalid request: page must be positive");
}

TEST(ErrorTable, NeverShowsInternals) {
  http::Request request;
  request.path = "/client/v4/accounts/x/builds/tokens";
  const Answer answer =
      answer_of(error_response(request, {Errc::io, "/secret/path/kiln.db: disk I/O error", {}}));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.code, 12500);
  EXPECT_EQ(answer.message.find("secret"), std::string::npos);
}

TEST(ErrorTable, SaysThatTheDiskIsFullAndNotWhere) {
  for (const char* path :
       {"/client/v4/accounts/x/builds/tokens", "/client/v4/accounts/x/workers/scripts/y", "/hooks"}) {
    http::Request request;
    request.path = path;
    const Answer answer =
        answer_of(error_response(request, {Errc::disk_full, "/secret/path/kiln.db: disk is full", {}}));
    EXPECT_EQ(answer.status, 507);
    EXPECT_EQ(answer.code, 12507);
    EXPECT_NE(answer.message.find("full and nothing was stored"), std::string::npos);
    EXPECT_EQ(answer.message.find("secret"), std::string::npos);
  }
}

TEST(ErrorTable, AnswersInUtf8WhateverTheCallerSent) {
  const Answer answer = answer_of(error_response(http::Request{}, {Errc::invalid, "no branch '\xff'", {}}));
  EXPECT_EQ(answer.message, "no branch '\xEF\xBF\xBD'");
}

TEST(PageInfo, KnowsWhetherThereIsMore) {
  EXPECT_TRUE(page_info(1, 10, 10, 11).at("next_page").as_bool());
  EXPECT_FALSE(page_info(2, 10, 1, 11).at("next_page").as_bool());
  EXPECT_FALSE(page_info(1, 10, 0, 0).at("next_page").as_bool());
}

TEST(VersionIds, AreFoldedCountedAndNamed) {
  const std::string id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const auto ids = builds::parse_version_ids(" " + id + ",0F8FAD5B-D9CB-469F-A165-70867728950E,,");
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->size(), 1U);
  EXPECT_FALSE(builds::parse_version_ids(""));
  EXPECT_FALSE(builds::parse_version_ids(",, ,"));
  EXPECT_NE(builds::parse_version_ids(id + ",zzz").error().message.find("'zzz'"), std::string::npos);
  // As long as an id, but none: named as far as its own comma.
  const std::string two = "zz" + id.substr(0, 34);
  EXPECT_NE(builds::parse_version_ids(two + "," + id).error().message.find("'" + two + "'"),
            std::string::npos);
  const std::string short_ones = "abc," + id.substr(4);
  EXPECT_NE(builds::parse_version_ids(short_ones + "," + id).error().message.find("'abc'"),
            std::string::npos);
}

TEST(VersionIds, AreTwentyDistinctOnesAtMost) {
  const auto id = [](int number) { return fmt::format("0f8fad5b-d9cb-469f-a165-7086{:06x}0e", number); };
  std::string text;
  for (int i = 0; i < 20; ++i) text += id(i) + "," + id(i / 2) + ",";
  const auto ids = builds::parse_version_ids(text);
  ASSERT_TRUE(ids);
  ASSERT_EQ(ids->size(), 20U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ids->at(static_cast<std::size_t>(i)).str(), id(i));
  EXPECT_NE(builds::parse_version_ids(text + id(20)).error().message.find("has 21 ids"), std::string::npos);
}

}  // namespace
}  // namespace kiln::api
