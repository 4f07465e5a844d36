// Sessions from sign-in to their end, over plain request values and a real store.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/sessions/routes.h"
#include "base/hash.h"
#include "testing/memory_store.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() {
    const SessionDeps deps{store_.sessions, store_.accounts, sessions_, store_.clock, store_.entropy, 3,
                           "localhost"};
    add_session_routes(router_, gate_, deps);
    add_login_code_route(router_, gate_, deps);
    for (const char* method : {"GET", "POST"})
      router_.add(method, "/client/v4/accounts/{account_id}/builds/x", {},
                  gate_.guard(std::string(method) == "GET" ? Needs::ci_read : Needs::ci_write,
                              [](const Call&) -> Result<http::Reply> { return success_response(nullptr); }));
    token_ = {store_.entropy.uuid(), account_.id, "laptop", *model::Permissions::parse("ci:read"),
              store_.clock.now(),    {},          {},       {}};
    EXPECT_TRUE(store_.accounts.add_token(token_, sha256("token")));
  }

  struct Answer {
    int status = 0;
    json::value body;
    std::string cookie;  // "name=value" of set-cookie
    std::string set_cookie;
    [[nodiscard]] const json::value& result() const { return body.at("result"); }
  };

  Answer ask(const std::string& method, const std::string& path, const std::string& body,
             http::Headers headers, std::optional<unsigned> uid = {}) {
    http::Request request;
    request.method = method;
    request.body = body;
    request.peer = "127.0.0.1";
    request.peer_uid = uid;
    request.headers = std::move(headers);
    if (request.header("host").empty()) request.headers.emplace_back("host", "localhost:8787");
    EXPECT_TRUE(http::parse_target(path, request));
    const Result<const http::Route*> route = router_.match(request);
    EXPECT_TRUE(route) << path;
    http::Response response = std::get<http::Response>((*route)->handler(request));
    response.flatten();
    Answer answer{response.status, json::parse(response.body), {}, {}};
    for (const auto& [field, value] : response.headers) {
      if (field == "set-cookie") answer.set_cookie = value;
    }
    answer.cookie = answer.set_cookie.substr(0, answer.set_cookie.find(';'));
    return answer;
  }
  static http::Headers own(const std::string& cookie = "") {
    http::Headers headers = {{"sec-fetch-site", "same-origin"}};
    if (!cookie.empty()) headers.emplace_back("cookie", cookie);
    return headers;
  }
  std::string code(const std::string& body = "{}") {
    const Answer made = ask("POST", "/kiln/v1/login_codes", body, {}, 4711);
    EXPECT_EQ(made.status, 200);
    return made.result().at("code").as_string().c_str();
  }
  Answer sign_in_by_code() { return ask("POST", "/kiln/v1/session", R"({"code":")" + code() + "\"}", own()); }
  Answer sign_in_by_token() { return ask("POST", "/kiln/v1/session", R"({"token":"token"})", own()); }
  int builds(const std::string& method, const http::Headers& headers) {
    return ask(method, "/client/v4/accounts/" + account_.id + "/builds/x", "", headers).status;
  }

  testing::TestStore store_;
  model::Account account_ = store_.add_account();
  model::ApiToken token_;
  Sessions sessions_{store_.sessions, store_.database->changes(), store_.clock, {}};
  Gate gate_{
      store_.accounts, store_.database->changes(), store_.clock, 4711, 3, model::PreviewToken::previews,
      &sessions_};
  http::Router router_;
};

TEST_F(SessionsTest, BeginByACodeThatIsGoodOnce) {
  const std::string body = R"({"code":")" + code() + "\"}";
  const Answer first = ask("POST", "/kiln/v1/session", body, own());
  ASSERT_EQ(first.status, 200);
  EXPECT_TRUE(first.result().at("session").at("is_admin").as_bool());
  EXPECT_TRUE(first.set_cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800"))
      << first.set_cookie;
  EXPECT_TRUE(first.cookie.starts_with("kiln_session_8787="));
  const Answer second = ask("POST", "/kiln/v1/session", body, own());
  EXPECT_EQ(second.status, 401);
  EXPECT_TRUE(second.set_cookie.empty());
}

TEST_F(SessionsTest, HaveTheRightsOfTheirTokenAndNoMore) {
  const std::string cookie = sign_in_by_token().cookie;
  EXPECT_EQ(builds("GET", own(cookie)), 200);
  EXPECT_EQ(builds("POST", own(cookie)), 403) << "the token may only read";
  EXPECT_EQ(ask("GET", "/client/v4/accounts/" + std::string(32, 'a') + "/builds/x", "", own(cookie)).status,
            403);
  EXPECT_EQ(ask("POST", "/kiln/v1/login_codes", "{}", own(cookie)).status, 403);
}

TEST_F(SessionsTest, EndAtOnceWithTheirToken) {
  const std::string cookie = sign_in_by_token().cookie;
  EXPECT_EQ(builds("GET", own(cookie)), 200);
  ASSERT_TRUE(store_.accounts.revoke_token(account_.id, token_.id));
  EXPECT_EQ(builds("GET", own(cookie)), 401);
}

TEST_F(SessionsTest, EndWhatIsStillBeingToldToThem) {
  const Answer signed_in = sign_in_by_token();
  router_.add("GET", "/stream", {}, gate_.guard(Needs::ci_read, [](const Call&) -> Result<http::Reply> {
    return http::Stream{200, {}, [] { return http::StreamStep{"news", std::nullopt, false}; }};
  }));
  http::Request request;
  request.method = "GET";
  request.headers = own(signed_in.cookie);
  request.headers.emplace_back("host", "localhost:8787");
  ASSERT_TRUE(http::parse_target("/stream", request));
  http::Reply reply = (*router_.match(request))->handler(request);
  auto* stream = std::get_if<http::Stream>(&reply);
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(stream->next().piece, "news");
  EXPECT_FALSE(stream->next().end);
  ASSERT_TRUE(store_.accounts.revoke_token(account_.id, token_.id));
  const http::StreamStep last = stream->next();
  EXPECT_TRUE(last.end);
  EXPECT_TRUE(last.piece.empty());
}

// A Worker that answers below the page's own domain, and every other page of the web.
TEST_F(SessionsTest, AreOfNoUseToOtherPages) {
  const std::string cookie = sign_in_by_code().cookie;
  ASSERT_EQ(builds("POST", own(cookie)), 200);
  for (const char* site : {"same-site", "cross-site", "none"}) {
    EXPECT_EQ(builds("POST", {{"sec-fetch-site", site}, {"cookie", cookie}}), 403) << site;
    EXPECT_EQ(ask("DELETE", "/kiln/v1/session", "", {{"sec-fetch-site", site}, {"cookie", cookie}}).status,
              403);
  }
  EXPECT_EQ(builds("POST", {{"cookie", cookie}}), 403) << "a browser that says nothing";
  EXPECT_EQ(builds("POST", {{"origin", "http://shop.dev.localhost:8788"}, {"cookie", cookie}}), 403);
  EXPECT_EQ(builds("GET", {{"sec-fetch-site", "same-site"}, {"cookie", cookie}}), 403);
  EXPECT_EQ(builds("POST", {{"origin", "http://localhost:8787"}, {"cookie", cookie}}), 200);
}

TEST_F(SessionsTest, AreOfNoUseUnderAnotherHostName) {
  const std::string cookie = sign_in_by_code().cookie;
  http::Headers rebound = own(cookie);
  rebound.emplace_back("host", "evil.example:8787");
  EXPECT_EQ(builds("GET", rebound), 421);
  EXPECT_EQ(ask("POST", "/kiln/v1/session", R"({"token":"token"})",
                {{"host", "evil.example"}, {"sec-fetch-site", "same-origin"}})
                .status,
            421);
}

TEST_F(SessionsTest, AreNotBegunByAnotherPage) {
  const std::string body = R"({"token":"token"})";
  EXPECT_EQ(ask("POST", "/kiln/v1/session", body, {{"sec-fetch-site", "cross-site"}}).status, 403);
  EXPECT_EQ(ask("POST", "/kiln/v1/session", body, {}).status, 403);
}

TEST_F(SessionsTest, TakeNoCookieOverThatWasThereBefore) {
  const Answer fixed = ask("POST", "/kiln/v1/session", R"({"code":")" + code() + "\"}",
                           own("kiln_session_8787=chosen-by-somebody-else"));
  ASSERT_EQ(fixed.status, 200);
  EXPECT_EQ(fixed.cookie.find("chosen"), std::string::npos);
  EXPECT_EQ(builds("GET", own("kiln_session_8787=chosen-by-somebody-else")), 401);
  EXPECT_NE(fixed.cookie, sign_in_by_code().cookie);
}

TEST_F(SessionsTest, AreNotBelievedWhenTheCookieCameTwice) {
  const std::string cookie = sign_in_by_code().cookie;
  EXPECT_EQ(builds("GET", own(cookie + "; " + cookie)), 401);
  EXPECT_EQ(builds("GET", own("kiln_session_8787=evil; " + cookie)), 401);
}

TEST_F(SessionsTest, LeaveTokensAsTheyWere) {
  EXPECT_EQ(builds("GET", {{"authorization", "Bearer token"}, {"host", "evil.example"}}), 200);
  const std::string cookie = sign_in_by_code().cookie;
  EXPECT_EQ(
      builds("POST",
             {{"authorization", "Bearer token"}, {"cookie", cookie}, {"sec-fetch-site", "same-origin"}}),
      403)
      << "the token counts, not the cookie beside it";
}

TEST_F(SessionsTest, AreListedAndEndedByWhoMaySeeThem) {
  const std::string admin = sign_in_by_code().cookie;
  const std::string one = sign_in_by_token().cookie;
  const std::string two = sign_in_by_token().cookie;
  const auto listed = [&](const std::string& cookie) {
    return ask("GET", "/kiln/v1/sessions", "", own(cookie)).result().as_array();
  };
  EXPECT_EQ(listed(admin).size(), 3U);
  ASSERT_EQ(listed(one).size(), 2U);
  const std::string id_of_two = listed(two)[0].at("session_id").as_string().c_str();
  const json::array all = listed(admin);
  const std::string id_of_admin = all[2].at("session_id").as_string().c_str();
  EXPECT_EQ(ask("DELETE", "/kiln/v1/sessions/" + id_of_admin, "", own(one)).status, 404);
  EXPECT_EQ(ask("DELETE", "/kiln/v1/sessions/" + id_of_two, "", own(one)).status, 200);
  EXPECT_EQ(builds("GET", own(two)), 401);
  EXPECT_EQ(ask("DELETE", "/kiln/v1/sessions", "", own(admin)).result().at("ended").as_int64(), 1);
  EXPECT_EQ(builds("GET", own(one)), 401);
  EXPECT_EQ(ask("DELETE", "/kiln/v1/session", "", own(admin)).status, 200);
  EXPECT_EQ(builds("GET", own(admin)), 401);
}

TEST_F(SessionsTest, EndWhenNobodyUsesThem) {
  const std::string cookie = sign_in_by_code().cookie;
  store_.clock.advance(model::kSessionIdleMs - 1'000);
  EXPECT_EQ(builds("GET", own(cookie)), 200);
  gate_.write_uses();
  store_.clock.advance(model::kSessionIdleMs - 1'000);
  EXPECT_EQ(builds("GET", own(cookie)), 200);
  store_.clock.advance(model::kSessionIdleMs);
  EXPECT_EQ(builds("GET", own(cookie)), 401);
}

TEST_F(SessionsTest, ByCodeOfOneAccountStayInIt) {
  const Answer in =
      ask("POST", "/kiln/v1/session",
          R"({"code":")" + code(R"({"account_id":")" + account_.id + R"(","permissions":"ci:read"})") + "\"}",
          own());
  ASSERT_EQ(in.status, 200);
  EXPECT_FALSE(in.result().at("session").at("is_admin").as_bool());
  EXPECT_EQ(builds("GET", own(in.cookie)), 200);
  EXPECT_EQ(builds("POST", own(in.cookie)), 403);
  EXPECT_EQ(ask("POST", "/kiln/v1/login_codes", R"({"permissions":"ci:read"})", {}, 4711).status, 400);
}

TEST_F(SessionsTest, TellWhoeverGuessesToWait) {
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(ask("POST", "/kiln/v1/session", R"({"code":"guess"})", own()).status, 401);
  EXPECT_EQ(ask("POST", "/kiln/v1/session", R"({"code":"guess"})", own()).status, 429);
  EXPECT_EQ(sign_in_by_code().status, 200) << "a good code is always taken";
}

TEST_F(SessionsTest, WantACodeOrAToken) {
  for (const char* body : {"{}", "[]", "", R"({"code":"a","token":"b"})", R"({"code":""})", R"({"code":1})"})
    EXPECT_EQ(ask("POST", "/kiln/v1/session", body, own()).status, 400) << body;
}

}  // namespace
}  // namespace kiln::api
