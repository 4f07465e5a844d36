// Signing in by a provider of identities: a provider of our own behind a fake client, plain request values, a
// real store.
#include "api/sessions/oidc_routes.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "api/error_table.h"
#include "api/sessions/oidc_for_test.h"
#include "base/hash.h"
#include "base/hex.h"
#include "testing/memory_store.h"

namespace kiln::api {
namespace {

namespace json = boost::json;
using sessions::SigningKey;

// What it answers, and what it was asked.
struct FakeProvider {
  SigningKey key{SigningKey::Kind::curve, "now"};
  json::object document = {{"issuer", "https://id.example"},
                           {"authorization_endpoint", "https://id.example/auth"},
                           {"token_endpoint", "https://id.example/token"},
                           {"userinfo_endpoint", "https://id.example/me"},
                           {"jwks_uri", "https://id.example/keys"},
                           {"authorization_response_iss_parameter_supported", true}};
  json::array keys{key.shown()};
  json::object token;  // its answer to the code
  int token_status = 200;
  json::object me;
  bool is_silent = false;
  std::map<std::string, int> asked;
  std::vector<HttpRequest> requests;

  HttpResponse answer(const HttpRequest& request) {
    ++asked[request.url];
    requests.push_back(request);
    json::object body;
    int status = 200;
    if (request.url.ends_with("/.well-known/openid-configuration")) body = document;
    if (request.url.ends_with("/keys")) body = {{"keys", keys}};
    if (request.url.ends_with("/me")) body = me;
    if (request.url.ends_with("/token")) {
      body = token;
      status = token_status;
    }
    request.on_data(json::serialize(body));
    return {status, {}, {}};
  }
};

class FakeClient final : public HttpClient {
 public:
  explicit FakeClient(FakeProvider& provider) : provider_(provider) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    if (provider_.is_silent) return fail(Errc::unavailable, "connection refused");
    return provider_.answer(request);
  }

 private:
  FakeProvider& provider_;
};

model::OidcSettings settings_of_test() {
  model::OidcSettings settings;
  settings.issuer = "https://id.example";
  settings.client_id = "kiln";
  settings.name = "Example";
  settings.roles = {{"staff"}, {"dev"}, {"ops"}};
  return settings;
}

std::string param(const std::string& url, const std::string& name) {
  const std::size_t begin = url.find(name + "=") + name.size() + 1;
  return url.substr(begin, url.find('&', begin) - begin);
}

class OidcRoutesTest : public ::testing::Test {
 protected:
  OidcRoutesTest() {
    const SessionDeps deps{store_.sessions, store_.accounts, sessions_, store_.clock, store_.entropy, 3,
                           "localhost"};
    add_session_routes(router_, gate_, deps);
    add_oidc_routes(router_, {deps, &provider_, account_.id});
    for (const char* method : {"GET", "POST"})
      router_.add(method, "/client/v4/accounts/{account_id}/builds/x", {},
                  gate_.guard(std::string(method) == "GET" ? Needs::ci_read : Needs::ci_write,
                              [](const Call&) -> Result<http::Reply> { return success_response(nullptr); }));
    router_.add("GET", "/kiln/v1/x", {}, gate_.guard(Needs::admin, [](const Call&) -> Result<http::Reply> {
      return success_response(nullptr);
    }));
  }

  struct Answer {
    int status = 0;
    json::value body;
    std::map<std::string, std::string> cookies;  // by name, with their attributes
    [[nodiscard]] std::string cookie(const std::string& name) const {
      const auto found = cookies.find(name);
      return found == cookies.end() ? "" : name + "=" + found->second.substr(0, found->second.find(';'));
    }
    [[nodiscard]] std::string message() const {
      return body.at("errors").as_array().empty() ? ""
                                                  : body.at("errors").at(0).at("message").as_string().c_str();
    }
  };
  Answer ask(const std::string& method, const std::string& path, const json::value& body = {},
             const std::string& cookie = "", const std::string& site = "same-origin") {
    http::Request request;
    request.method = method;
    request.body = json::serialize(body);
    request.peer = "127.0.0.1";
    request.headers = {{"host", "localhost:8787"}, {"sec-fetch-site", site}};
    if (!cookie.empty()) request.headers.emplace_back("cookie", cookie);
    EXPECT_TRUE(http::parse_target(path, request));
    const Result<const http::Route*> route = router_.match(request);
    EXPECT_TRUE(route) << path;
    http::Response response = std::get<http::Response>((*route)->handler(request));
    response.flatten();
    Answer answer{response.status, json::parse(response.body), {}};
    for (const auto& [field, value] : response.headers) {
      if (field != "set-cookie") continue;
      answer.cookies[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
    }
    return answer;
  }
  struct Begun {
    std::string url;
    std::string cookie;
  };
  Begun begin() {
    const Answer begun = ask("POST", "/kiln/v1/oidc");
    EXPECT_EQ(begun.status, 200) << begun.message();
    return {begun.body.at("result").at("authorization_url").as_string().c_str(),
            begun.cookie("kiln_sign_in_8787")};
  }
  // The provider says who it was that went there.
  void says(const Begun& begun, json::object claims, const SigningKey* key = nullptr) {
    const std::int64_t now = store_.clock.now() / 1000;
    json::object all = {{"iss", "https://id.example"},        {"aud", "kiln"}, {"sub", "ada"},
                        {"nonce", param(begun.url, "nonce")}, {"iat", now},    {"exp", now + 60}};
    for (const auto& [name, value] : claims) all[name] = value;
    fake_.token = {{"id_token", (key == nullptr ? fake_.key : *key).sign(all)}, {"access_token", "access"}};
  }
  Answer finish(const Begun& begun, const std::string& state = "",
                const std::string& issuer = "https://id.example") {
    return ask(
        "POST", "/kiln/v1/oidc/session",
        {{"code", "c0de"}, {"state", state.empty() ? param(begun.url, "state") : state}, {"iss", issuer}},
        begun.cookie);
  }
  // The session's cookie of somebody in these groups.
  std::string sign_in(const json::array& groups, const char* name = "Ada") {
    const Begun begun = begin();
    says(begun, {{"groups", groups}, {"name", name}});
    const Answer done = finish(begun);
    EXPECT_EQ(done.status, 200) << done.message();
    return done.cookie("kiln_session_8787");
  }
  int builds(const std::string& method, const std::string& cookie) {
    return ask(method, "/client/v4/accounts/" + account_.id + "/builds/x", {}, cookie).status;
  }

  testing::TestStore store_;
  model::Account account_ = store_.add_account();
  FakeProvider fake_;
  sessions::OidcProvider provider_{settings_of_test(), "s3cret", "",
                                   [this] { return std::make_unique<FakeClient>(fake_); }, store_.clock};
  Sessions sessions_{store_.sessions, store_.database->changes(), store_.clock, {}};
  Gate gate_{
      store_.accounts, store_.database->changes(), store_.clock, 4711, 3, model::PreviewToken::previews,
      &sessions_};
  http::Router router_;
};

TEST_F(OidcRoutesTest, SendThePersonThereWithAChallengeAndComeBackToThePage) {
  EXPECT_EQ(ask("GET", "/kiln/v1/oidc").body.at("result").at("name").as_string(), "Example");
  const Begun begun = begin();
  EXPECT_TRUE(begun.url.starts_with("https://id.example/auth?response_type=code&client_id=kiln&"))
      << begun.url;
  EXPECT_EQ(param(begun.url, "redirect_uri"), "http%3A%2F%2Flocalhost%3A8787%2Flogin");
  EXPECT_EQ(param(begun.url, "code_challenge_method"), "S256");
  EXPECT_EQ(param(begun.url, "scope"), "openid%20profile%20email");
  says(begun, {{"groups", {"dev"}}, {"name", "Ada"}});
  const Answer done = finish(begun);
  ASSERT_EQ(done.status, 200) << done.message();
  const json::value& session = done.body.at("result").at("session");
  EXPECT_EQ(session.at("origin").as_string(), "person");
  EXPECT_EQ(session.at("name").as_string(), "Ada");
  EXPECT_TRUE(done.cookies.at("kiln_session_8787").find("HttpOnly; SameSite=Strict") != std::string::npos);
  EXPECT_TRUE(
      done.cookies.at("kiln_sign_in_8787").starts_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
  const HttpRequest& asked = fake_.requests.back();
  EXPECT_EQ(asked.url, "https://id.example/token");
  const std::string verifier = param(asked.body, "code_verifier");
  EXPECT_EQ(to_base64url(sha256(verifier)), param(begun.url, "code_challenge"));
  EXPECT_TRUE(asked.body.find("s3cret") == std::string::npos) << "the secret goes as the provider wants it";
}

TEST_F(OidcRoutesTest, GiveTheRightsOfTheRoleAndNoMore) {
  const std::string view = sign_in({"staff"});
  EXPECT_EQ(builds("GET", view), 200);
  EXPECT_EQ(builds("POST", view), 403);
  EXPECT_EQ(ask("GET", "/kiln/v1/x", {}, view).status, 403);
  const std::string operate = sign_in({"dev", "staff"});
  EXPECT_EQ(builds("POST", operate), 200);
  EXPECT_EQ(ask("GET", "/kiln/v1/x", {}, operate).status, 403);
  const std::string administer = sign_in({"ops"});
  EXPECT_EQ(builds("POST", administer), 200);
  EXPECT_EQ(ask("GET", "/kiln/v1/x", {}, administer).status, 200);
}

TEST_F(OidcRoutesTest, LetNobodyInWithoutARole) {
  const Begun begun = begin();
  says(begun, {{"groups", {"guests", "Staff"}}, {"name", "Mallory"}});
  const Answer refused = finish(begun);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.message().find("guests, Staff") != std::string::npos) << refused.message();
  EXPECT_TRUE(refused.cookies.empty());
}

TEST_F(OidcRoutesTest, AskForGroupsWhereTheTokenHasNone) {
  const Begun begun = begin();
  says(begun, {});
  fake_.me = {{"sub", "ada"}, {"email", "ada@example"}, {"groups", {"dev"}}};
  const Answer done = finish(begun);
  ASSERT_EQ(done.status, 200) << done.message();
  EXPECT_EQ(done.body.at("result").at("session").at("name").as_string(), "ada@example");
  const Begun again = begin();
  says(again, {});
  fake_.me = {{"sub", "mallory"}, {"groups", {"ops"}}};
  EXPECT_EQ(finish(again).status, 401) << "it tells of somebody else";
}

TEST_F(OidcRoutesTest, EndOnlyInTheBrowserThatBegan) {
  const Begun begun = begin();
  const Begun other = begin();
  says(begun, {{"groups", {"dev"}}});
  EXPECT_EQ(finish({begun.url, ""}).status, 401) << "without the cookie";
  EXPECT_EQ(finish({begun.url, other.cookie}).status, 401) << "with another's";
  EXPECT_EQ(finish({begun.url, "kiln_sign_in_8787=abcd"}).status, 401);
  EXPECT_FALSE(fake_.asked.contains("https://id.example/token")) << "the code was not shown to anybody";
}

TEST_F(OidcRoutesTest, EndWithinTenMinutesAndByThisProvider) {
  const Begun late = begin();
  says(late, {{"groups", {"dev"}}});
  store_.clock.advance(sessions::kSignInFlowMs);
  EXPECT_EQ(finish(late).status, 401);
  const Begun mixed = begin();
  says(mixed, {{"groups", {"dev"}}});
  EXPECT_EQ(finish(mixed, "", "https://other.example").status, 401);
}

TEST_F(OidcRoutesTest, TakeNoTokenOfAnotherSignIn) {
  const Begun first = begin();
  says(first, {{"groups", {"dev"}}});
  const Begun second = begin();
  EXPECT_EQ(finish(second).status, 401) << "the nonce is another";
}

TEST_F(OidcRoutesTest, FollowTheProvidersKeys) {
  (void)sign_in({"dev"});
  const SigningKey newer(SigningKey::Kind::rsa, "newer");
  fake_.keys = {newer.shown()};
  store_.clock.advance(61'000);
  const Begun begun = begin();
  says(begun, {{"groups", {"dev"}}, {"name", "Ada"}}, &newer);
  const Answer done = finish(begun);
  EXPECT_EQ(done.status, 200) << done.message();
  EXPECT_EQ(fake_.asked["https://id.example/keys"], 2);
  const Begun again = begin();
  says(again, {{"groups", {"dev"}}}, &fake_.key);
  EXPECT_EQ(finish(again).status, 401);
  EXPECT_EQ(fake_.asked["https://id.example/keys"], 2) << "not asked again at once";
}

TEST_F(OidcRoutesTest, SayWhenTheProviderDoesNotAnswerOrRefuses) {
  const Begun begun = begin();
  fake_.token = {{"error", "invalid_grant"}};
  fake_.token_status = 400;
  EXPECT_EQ(finish(begun).status, 401);
  fake_.token = {{"error", "invalid_client"}};
  fake_.token_status = 401;
  const Answer refused = finish(begun);
  EXPECT_EQ(refused.status, 502);
  EXPECT_TRUE(refused.message().find("oidc.client_secret_file") != std::string::npos) << refused.message();
  fake_.is_silent = true;
  EXPECT_EQ(finish(begun).status, 502);
  store_.clock.advance(TimeMs{61} * 60'000);
  EXPECT_EQ(ask("POST", "/kiln/v1/oidc").status, 502);
}

TEST_F(OidcRoutesTest, TakeNoProviderThatIsCalledOtherwise) {
  fake_.document["issuer"] = "https://id.example/";
  EXPECT_EQ(ask("POST", "/kiln/v1/oidc").status, 502);
  fake_.document["issuer"] = "https://id.example";
  fake_.document["token_endpoint"] = "http://id.example/token";
  EXPECT_EQ(ask("POST", "/kiln/v1/oidc").status, 502) << "the secret is sent over TLS alone";
}

TEST_F(OidcRoutesTest, AnswerThePageAlone) {
  EXPECT_EQ(ask("POST", "/kiln/v1/oidc", {}, "", "cross-site").status, 403);
  EXPECT_EQ(ask("POST", "/kiln/v1/oidc/session", {{"code", "c"}, {"state", "s"}}, "", "same-site").status,
            403);
  EXPECT_EQ(ask("POST", "/kiln/v1/oidc/session", {{"code", "c"}}).status, 400);
}

TEST_F(OidcRoutesTest, ShowEachPersonTheirOwnSessions) {
  const std::string first = sign_in({"dev"});
  const std::string second = sign_in({"staff"});
  const Answer seen = ask("GET", "/kiln/v1/sessions", {}, first);
  EXPECT_EQ(seen.body.at("result").as_array().size(), 2U);
  EXPECT_EQ(ask("DELETE", "/kiln/v1/sessions", {}, first).body.at("result").at("ended").as_int64(), 1);
  EXPECT_EQ(builds("GET", second), 401);
}

}  // namespace
}  // namespace kiln::api
