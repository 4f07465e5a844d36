#include "api/sessions/oidc_token.h"

#include <gtest/gtest.h>

#include <functional>

#include "api/sessions/oidc_for_test.h"
#include "base/hex.h"

namespace kiln::api::sessions {
namespace {

namespace json = boost::json;

constexpr TimeMs kNow = 1'800'000'000'000;
constexpr std::int64_t kSeconds = kNow / 1000;

class IdToken : public ::testing::Test {
 protected:
  json::object keys() const { return {{"keys", json::array{rsa_.shown(), curve_.shown()}}}; }
  static json::object claims() {
    return {{"iss", "https://id.example"}, {"aud", "kiln"},        {"sub", "1"}, {"nonce", "once"},
            {"iat", kSeconds - 5},         {"exp", kSeconds + 300}};
  }
  static json::object with(std::string_view name, const json::value& value) {
    json::object changed = claims();
    changed[name] = value;
    return changed;
  }
  static json::object without(std::string_view name) {
    json::object changed = claims();
    changed.erase(name);
    return changed;
  }
  Result<json::object> read(const std::string& token) const { return read(token, keys()); }
  static Result<json::object> read(const std::string& token, const json::object& by) {
    return read_id_token(token, by, {"https://id.example", "kiln", "once", kNow});
  }
  Errc refusal(const json::object& of) const {
    const Result<json::object> got = read(rsa_.sign(of));
    return got ? Errc::internal : got.error().code;
  }

  SigningKey rsa_{SigningKey::Kind::rsa, "first"};
  SigningKey curve_{SigningKey::Kind::curve, "second"};
};

TEST_F(IdToken, IsTakenWhenOneOfTheKeysHasSignedIt) {
  for (const SigningKey* key : {&rsa_, &curve_}) {
    const Result<json::object> got = read(key->sign(claims()));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->at("sub").as_string(), "1");
  }
  EXPECT_TRUE(read(rsa_.sign(claims(), "PS384")));
}

TEST_F(IdToken, IsOfAKeyThatIsNotKnownYet) {
  const SigningKey other(SigningKey::Kind::rsa, "third");
  EXPECT_EQ(read(other.sign(claims())).error().code, Errc::not_found);
  const SigningKey pretender(SigningKey::Kind::rsa, "first");
  EXPECT_EQ(read(pretender.sign(claims())).error().code, Errc::unauthenticated);
}

TEST_F(IdToken, NamesNoKeyWhereAnyOfThemMayHaveSignedIt) {
  const SigningKey nameless(SigningKey::Kind::rsa, "");
  json::object by = keys();
  EXPECT_EQ(read(nameless.sign(claims()), by).error().code, Errc::unauthenticated);
  by.at("keys").as_array().push_back(nameless.shown());
  EXPECT_TRUE(read(nameless.sign(claims()), by));
}

TEST_F(IdToken, IsSignedByNothingWeak) {
  const std::string none =
      to_base64url(R"({"alg":"none"})") + "." + to_base64url(json::serialize(claims())) + ".";
  EXPECT_EQ(read(none).error().code, Errc::unauthenticated);
  const SigningKey shared(SigningKey::Kind::secret, "first");
  json::object by = keys();
  by.at("keys").as_array().push_back(shared.shown());
  EXPECT_EQ(read(shared.sign(claims()), by).error().code, Errc::unauthenticated);
  EXPECT_EQ(read(rsa_.sign(claims(), "RS256", R"(["exp"])")).error().code, Errc::unauthenticated);
  for (const std::string& broken :
       {std::string(), std::string("x"), std::string("a.b.c"), std::string(100'000, 'a')})
    EXPECT_EQ(read(broken).error().code, Errc::unauthenticated);
}

TEST_F(IdToken, IsOfAKeyThatMayDoThat) {
  json::object by = keys();
  by.at("keys").at(0).as_object()["use"] = "enc";
  EXPECT_EQ(read(rsa_.sign(claims()), by).error().code, Errc::not_found);
  by.at("keys").at(0).as_object()["use"] = "sig";
  by.at("keys").at(0).as_object()["alg"] = "RS512";
  EXPECT_EQ(read(rsa_.sign(claims()), by).error().code, Errc::not_found);
  EXPECT_TRUE(read(rsa_.sign(claims(), "RS512"), by));
}

TEST_F(IdToken, IsForUsNowAndForThisSignIn) {
  EXPECT_EQ(refusal(with("iss", "https://id.example/")), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("aud", "other")), Errc::unauthenticated);
  EXPECT_EQ(refusal(without("aud")), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("azp", "other")), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("nonce", "twice")), Errc::unauthenticated);
  EXPECT_EQ(refusal(without("nonce")), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("exp", kSeconds - 61)), Errc::unauthenticated);
  EXPECT_EQ(refusal(without("exp")), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("iat", kSeconds + 61)), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("nbf", kSeconds + 61)), Errc::unauthenticated);
  EXPECT_EQ(refusal(with("sub", "")), Errc::unauthenticated);
}

TEST_F(IdToken, MayBeForOthersTooWhenWeHaveAskedForIt) {
  json::object shared = with("aud", json::array{"other", "kiln"});
  EXPECT_EQ(refusal(shared), Errc::unauthenticated);
  shared["azp"] = "kiln";
  EXPECT_TRUE(read(rsa_.sign(shared)));
  EXPECT_TRUE(read(rsa_.sign(with("aud", json::array{"kiln"}))));
}

}  // namespace
}  // namespace kiln::api::sessions
