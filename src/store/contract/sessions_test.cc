#include <gtest/gtest.h>

#include "base/hash.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Sessions : Contract {
  model::Account account = t.add_account();

  Result<model::Session> by_code(const std::string& code, const std::string& secret) {
    return t.sessions.begin_by_code(sha256(code),
                                    {t.entropy.uuid(), sha256(secret), "127.0.0.1", "a browser"});
  }
  Result<model::Session> by_token(const std::string& token, const std::string& secret) {
    return t.sessions.begin_by_token(sha256(token),
                                     {t.entropy.uuid(), sha256(secret), "127.0.0.1", "a browser"});
  }
  void add_code(const std::string& code) {
    ASSERT_TRUE(t.sessions.add_login_code(
        {{}, model::Permissions::all(), "owner", t.clock.now() + model::kLoginCodeMs}, sha256(code)));
  }
  model::ApiToken add_token(const std::string& text, std::optional<TimeMs> expires = {}) {
    model::ApiToken token{t.entropy.uuid(), account.id, "laptop", *model::Permissions::parse("ci:read"),
                          t.clock.now(),    expires,    {},       {}};
    EXPECT_TRUE(t.accounts.add_token(token, sha256(text)));
    return token;
  }
  Result<model::Session> by_person(const std::string& person, const std::string& secret,
                                   const std::string& granted_by = "these settings") {
    return t.sessions.begin_by_person({person, account.id, "Ada", *model::Permissions::parse("ci:read"),
                                       t.clock.now() + 60'000, granted_by},
                                      {t.entropy.uuid(), sha256(secret), "127.0.0.1", "a browser"});
  }
  std::optional<model::Session> find(const std::string& secret) {
    return *t.sessions.find_session(sha256(secret));
  }
};

TEST_P(Sessions, BeginByACodeOnce) {
  add_code("code");
  const Result<model::Session> session = by_code("code", "secret");
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_TRUE(session->is_admin());
  EXPECT_EQ(find("secret")->id, session->id);
  EXPECT_EQ(find("secret")->user_agent, "a browser");
  EXPECT_EQ(by_code("code", "another").error().code, Errc::unauthenticated);
  EXPECT_FALSE(find("another"));
  EXPECT_EQ(by_code("guess", "another").error().code, Errc::unauthenticated);
}

TEST_P(Sessions, BeginByNoCodeThatIsOlderThanFiveMinutes) {
  add_code("code");
  t.clock.advance(model::kLoginCodeMs);
  EXPECT_EQ(by_code("code", "secret").error().code, Errc::unauthenticated);
}

TEST_P(Sessions, OfATokenHaveItsRightsAndEndWithIt) {
  const model::ApiToken token = add_token("token");
  ASSERT_TRUE(by_token("token", "secret"));
  EXPECT_EQ(find("secret")->permissions, token.permissions);
  EXPECT_EQ(find("secret")->account_id, account.id);
  EXPECT_EQ(by_token("no token", "x").error().code, Errc::unauthenticated);
  const std::uint64_t before = t.feed.changes().tokens.load();
  ASSERT_TRUE(t.accounts.revoke_token(account.id, token.id));
  EXPECT_FALSE(find("secret"));
  EXPECT_GT(t.feed.changes().tokens.load(), before);
  EXPECT_TRUE(t.sessions.sessions(std::nullopt)->empty());
  EXPECT_EQ(by_token("token", "x").error().code, Errc::unauthenticated);
}

TEST_P(Sessions, OfATokenLastNoLongerThanIt) {
  (void)add_token("token", t.clock.now() + 1'000);
  EXPECT_EQ(by_token("token", "secret")->expires_on, t.clock.now() + 1'000);
  t.clock.advance(1'000);
  EXPECT_FALSE(find("secret"));
}

TEST_P(Sessions, EndWhenTheyAreNotUsed) {
  add_code("code");
  const Uuid id = by_code("code", "secret")->id;
  t.clock.advance(model::kSessionIdleMs - 1);
  EXPECT_TRUE(find("secret"));
  t.sessions.touch_session(id);
  t.clock.advance(model::kSessionIdleMs - 1);
  EXPECT_TRUE(find("secret")) << "it was used in between";
  t.clock.advance(1);
  EXPECT_FALSE(find("secret"));
}

TEST_P(Sessions, EndAfterSevenDaysHoweverMuchTheyAreUsed) {
  add_code("code");
  const Uuid id = by_code("code", "secret")->id;
  for (TimeMs passed = 0; passed < model::kSessionMostMs; passed += model::kSessionIdleMs / 2) {
    EXPECT_TRUE(find("secret"));
    t.clock.advance(model::kSessionIdleMs / 2);
    t.sessions.touch_session(id);
  }
  EXPECT_FALSE(find("secret"));
}

TEST_P(Sessions, AreListedAndEnded) {
  const model::ApiToken token = add_token("token");
  add_code("code");
  const Uuid first = by_token("token", "one")->id;
  const Uuid second = by_code("code", "two")->id;
  ASSERT_EQ(t.sessions.sessions(std::nullopt)->size(), 2U);
  EXPECT_EQ(t.sessions.sessions(std::nullopt)->front().id, second);
  ASSERT_EQ(t.sessions.sessions(token.id)->size(), 1U);
  const std::uint64_t before = t.feed.changes().tokens.load();
  ASSERT_TRUE(t.sessions.end_session(first));
  EXPECT_GT(t.feed.changes().tokens.load(), before) << "whoever remembers it forgets it";
  EXPECT_FALSE(find("one"));
  EXPECT_TRUE(find("two"));
  EXPECT_EQ(t.sessions.end_session(first).error().code, Errc::not_found);
}

TEST_P(Sessions, OfATokenAreTheNewestAndNoMore) {
  const model::ApiToken token = add_token("token");
  add_code("code");
  const Uuid of_code = by_code("code", "code's")->id;
  for (int i = 0; i <= kMostSessions; ++i) ASSERT_TRUE(by_token("token", std::to_string(i)));
  EXPECT_EQ(t.sessions.sessions(token.id)->size(), static_cast<std::size_t>(kMostSessions));
  EXPECT_FALSE(find("0"));
  EXPECT_TRUE(find("1"));
  ASSERT_TRUE(*t.sessions.session(of_code)) << "another's do not push it out";
  EXPECT_TRUE((*t.sessions.session(of_code))->is_admin());
  EXPECT_FALSE(*t.sessions.session(t.entropy.uuid()));
}

KILN_CONTRACT(Sessions);

TEST_P(Sessions, OfPeopleHaveTheRightsThatTheyWereGivenForAsLongAsThat) {
  const Result<model::Session> session = by_person("https://id.example 1", "secret");
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_FALSE(session->is_admin());
  EXPECT_EQ(find("secret")->person, "https://id.example 1");
  EXPECT_EQ(find("secret")->permissions.str(), "ci:read");
  EXPECT_FALSE(find("secret")->token);
  t.clock.advance(60'000);
  EXPECT_FALSE(find("secret"));
}

TEST_P(Sessions, OfPeopleEndWithTheSettingsThatLetThemIn) {
  add_code("code");
  ASSERT_TRUE(by_code("code", "owner's"));
  ASSERT_TRUE(by_person("ada", "one"));
  ASSERT_TRUE(by_person("grace", "two", "other settings"));
  const std::uint64_t before = t.feed.changes().tokens.load();
  ASSERT_TRUE(t.sessions.end_sessions_granted_otherwise("other settings"));
  EXPECT_GT(t.feed.changes().tokens.load(), before);
  EXPECT_FALSE(find("one"));
  EXPECT_TRUE(find("two"));
  ASSERT_TRUE(t.sessions.end_sessions_granted_otherwise(""));
  EXPECT_FALSE(find("two"));
  EXPECT_TRUE(find("owner's"));
}

TEST_P(Sessions, OfOnePersonPushOutNobodyElses) {
  add_code("code");
  ASSERT_TRUE(by_code("code", "owner's"));
  ASSERT_TRUE(by_person("grace", "grace's"));
  for (int i = 0; i <= kMostSessions; ++i) ASSERT_TRUE(by_person("ada", std::to_string(i)));
  EXPECT_FALSE(find("0"));
  EXPECT_TRUE(find("1"));
  EXPECT_TRUE(find("owner's"));
  EXPECT_TRUE(find("grace's"));
}

}  // namespace
}  // namespace kiln::store::contract
