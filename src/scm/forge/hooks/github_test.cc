#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/requests_for_test.h"

namespace kiln::scm {
namespace {

const std::string kOld(40, '1');
const std::string kNew(40, '2');

std::string push_body(const std::string& before, const std::string& after, const std::string& commits,
                      const std::string& more = "") {
  return fmt::format(
      R"({{"ref":"refs/heads/main","before":"{}","after":"{}",{}"commits":{},"head_commit":{{"id":"{}","message":"Hi","author":{{"name":"Ada"}}}},"repository":{{"id":42,"full_name":"acme/shop","clone_url":"https://git.example/acme/shop.git"}},"pusher":{{"name":"ada"}}}})",
      before, after, more, commits, after);
}

Delivered github_delivery(const std::string& event, const std::string& body,
                          const std::string& type = "application/json") {
  return {{{"x-github-event", event}, {"x-github-delivery", "guid"}, {"content-type", type}}, body};
}

Result<model::ScmEvent> parse_github(const std::string& event, const std::string& body,
                                     const std::string& type = "application/json") {
  return github_hooks().parse(github_delivery(event, body, type).request(), "key");
}

const char* const kForm = "application/x-www-form-urlencoded";

model::PushEvent parsed(const std::string& body) {
  const Result<model::ScmEvent> event = parse_github("push", body);
  if (!event) {
    ADD_FAILURE() << event.error().message;
    return {};
  }
  return std::get<std::vector<model::PushEvent>>(*event).at(0);
}

bool is_signed(const std::string& secret, const std::string& body, const std::string& signature) {
  Delivered delivery = github_delivery("push", body);
  delivery.headers["x-hub-signature-256"] = signature;
  return github_hooks().is_signed_by(secret, delivery.request(), 0);
}

TEST(GithubSignature, IsOverTheRawBytes) {
  const std::string good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  EXPECT_TRUE(is_signed("It's a Secret to Everybody", "Hello, World!", good));
  EXPECT_FALSE(is_signed("It's a Secret to Everybody", "Hello, World! ", good));
  EXPECT_FALSE(is_signed("another", "Hello, World!", good));
  EXPECT_FALSE(is_signed("It's a Secret to Everybody", "Hello, World!", good.substr(7)));
  EXPECT_FALSE(is_signed("It's a Secret to Everybody", "Hello, World!", ""));
  EXPECT_FALSE(is_signed("", "Hello, World!", "sha256=" + hex_hmac("", "Hello, World!")))
      << "no secret fits nothing";
}

TEST(GithubPush, IsReadWhole) {
  const model::PushEvent push =
      parsed(push_body(kOld, kNew, R"([{"added":["a"],"removed":["b"],"modified":["c"]}])"));
  EXPECT_EQ(push.repo_id, "42");
  EXPECT_EQ(push.repo_full_name, "acme/shop");
  EXPECT_EQ(push.delivery_id, "key");
  EXPECT_EQ(push.branch(), "main");
  EXPECT_EQ(push.before, kOld);
  EXPECT_EQ(push.after, kNew);
  EXPECT_EQ(push.author, "Ada");
  EXPECT_EQ(push.head_message, "Hi");
  EXPECT_TRUE(push.changed.known);
  EXPECT_EQ(push.changed.paths, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(GithubPush, TrustsItsFileListsOnlyWhereTheyAreWhole) {
  const std::string one = R"({"added":["a"],"removed":[],"modified":[]})";
  EXPECT_FALSE(parsed(push_body(kOld, kNew, "[" + one + "]", R"("forced":true,)")).changed.known);
  EXPECT_FALSE(parsed(push_body(std::string(40, '0'), kNew, "[" + one + "]")).changed.known);
  EXPECT_FALSE(parsed(push_body(kOld, kNew, "[]")).changed.known);
  EXPECT_FALSE(parsed(push_body(kOld, kNew, R"([{"added":["a"]}])")).changed.known);
  std::string twenty = "[" + one;
  for (int i = 1; i < 20; ++i) twenty += "," + one;
  const model::PushEvent push = parsed(push_body(kOld, kNew, twenty + "]"));
  EXPECT_FALSE(push.changed.known);
  EXPECT_EQ(push.changed.commits, 20U);
}

TEST(GithubPush, OfADeletedBranchHasNoHead) {
  std::string body = push_body(kOld, std::string(40, '0'), "[]");
  const std::size_t at = body.find(R"("head_commit":{)");
  body.replace(at, body.find(R"(,"repository")") - at, R"("head_commit":null)");
  EXPECT_TRUE(parsed(body).deleted());
}

TEST(GithubPush, MayComeAsAForm) {
  const std::string body = "payload=%7B%22ref%22%3A%22refs%2Fheads%2Fa+b%22%2C%22before%22%3A%22" + kOld +
                           "%22%2C%22after%22%3A%22" + kNew +
                           "%22%2C%22repository%22%3A%7B%22id%22%3A7%7D%7D";
  const Result<model::ScmEvent> event = parse_github("push", body, kForm);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(std::get<std::vector<model::PushEvent>>(*event).at(0).repo_id, "7");
  EXPECT_EQ(github_hooks().claimed_repo(github_delivery("push", "a=b&" + body, kForm).request())->id, "7");
  for (const char* bad : {"", "&&&&", "payload", "payload=%", "payload=%4", "payload=%zz"}) {
    EXPECT_FALSE(github_hooks().claimed_repo(github_delivery("push", bad, kForm).request())) << bad;
  }
}

ClaimedRepo claimed(const std::string& body) {
  const Result<ClaimedRepo> repo = github_hooks().claimed_repo(github_delivery("push", body).request());
  return repo ? *repo : ClaimedRepo{"refused: " + repo.error().field, "", ""};
}

TEST(GithubClaim, IsTheRepositoryAtTheTop) {
  const ClaimedRepo repo = claimed(push_body(kOld, kNew, R"([{"repository":{"id":1}}])"));
  EXPECT_EQ(repo.id, "42");
  EXPECT_EQ(repo.full_name, "acme/shop");
  EXPECT_EQ(repo.clone_url, "https://git.example/acme/shop.git");
  EXPECT_EQ(
      claimed(R"({"x":{"repository":{"id":1}},"repository":{"owner":{"id":2},"id":3,"more":[{"id":4}]}} )")
          .id,
      "3");
  EXPECT_EQ(claimed(R"({"repository":{"id":18446744073709551615}})").id, "18446744073709551615");
  EXPECT_EQ(claimed(R"({"repository":{"id":"text","full_name":7}})").id, "");
}

TEST(GithubClaim, IsTheLastOfSeveralAsInAParsedValue) {
  EXPECT_EQ(claimed(R"({"repository":{"id":1},"repository":{"id":2}})").id, "2");
  EXPECT_EQ(claimed(R"({"repository":{"id":1,"full_name":"a"},"repository":{"id":2}})").full_name, "");
  EXPECT_EQ(claimed(R"({"repository":{"id":1,"id":2}})").id, "2");
  EXPECT_EQ(claimed(R"({"repository":{"id":1},"repository":5})").id, "refused: repository");
}

TEST(GithubClaim, RefusesWhatIsNoDelivery) {
  for (const char* body :
       {"", "[]", "7", "{", R"([{"repository":{"id":1}}])", R"({"repository":[{"id":1}]})"}) {
    EXPECT_EQ(claimed(body).id.substr(0, 7), "refused") << body;
  }
  EXPECT_EQ(claimed(R"({"repository":{"id":1}} trailing)").id, "refused: body");
  EXPECT_EQ(
      claimed(R"({"repository":{"id":1},"deep":)" + std::string(100, '[') + std::string(100, ']') + "}").id,
      "refused: body");
  EXPECT_EQ(claimed(R"({"repository":{"id":1,"full_name":")" + std::string(5'000, 'x') + R"("}})").full_name,
            "");
}

TEST(GithubPush, CountsAFileOfSeveralCommitsOnce) {
  const std::string one = R"({"added":["b"],"removed":[],"modified":["a"]})";
  const model::PushEvent push = parsed(push_body(kOld, kNew, "[" + one + "," + one + "]"));
  EXPECT_EQ(push.changed.paths, (std::vector<std::string>{"a", "b"}));
}

TEST(GithubPush, NamesTheFieldAtFault) {
  const auto field = [](const std::string& body) {
    const Result<model::ScmEvent> event = parse_github("push", body);
    return event ? std::string("accepted") : event.error().field;
  };
  EXPECT_EQ(field("not json"), "body");
  EXPECT_EQ(field("[]"), "body");
  EXPECT_EQ(field("{}"), "repository");
  EXPECT_EQ(field(push_body("short", kNew, "[]")), "before");
  EXPECT_EQ(field(push_body(kOld, "XYZ", "[]")), "after");
}

TEST(GithubEvents, OthersBuildNothing) {
  const Result<model::ScmEvent> event = parse_github("ping", "{}");
  ASSERT_TRUE(event);
  EXPECT_TRUE(std::holds_alternative<model::IgnoredEvent>(*event));
}

}  // namespace
}  // namespace kiln::scm
