#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/requests_for_test.h"

namespace kiln::scm {
namespace {

const std::string kLabOld(40, '1');
const std::string kLabNew(40, '2');
const char* const kLabProject =
    R"("project":{"id":15,"path_with_namespace":"acme/web/shop","git_http_url":"https://lab.example/acme/web/shop.git"})";

Delivered lab(const std::string& event, const std::string& body) {
  return {{{"x-gitlab-event", event}, {"x-gitlab-token", "s3cret"}}, body};
}

Result<model::ScmEvent> parse_lab(const std::string& event, const std::string& body) {
  return gitlab_hooks().parse(lab(event, body).request(), "key");
}

std::string lab_push(const std::string& ref = "refs/heads/main", const std::string& after = kLabNew) {
  return fmt::format(
      R"({{"object_kind":"push","ref":"{}","before":"{}","after":"{}","user_username":"ada","user_name":"Ada",)"
      R"("commits":[{{"id":"{}","message":"Hi","author":{{"name":"Grace"}},"added":["a"],"removed":[],"modified":[]}}],)"
      R"("total_commits_count":31,{}}})",
      ref, kLabOld, after, kLabNew, kLabProject);
}

TEST(GitlabToken, IsTheSecretItself) {
  const Delivered delivery = lab("Push Hook", lab_push());
  EXPECT_TRUE(gitlab_hooks().check_head(delivery.request()));
  EXPECT_TRUE(gitlab_hooks().is_signed_by("s3cret", delivery.request(), 0));
  EXPECT_FALSE(gitlab_hooks().is_signed_by("s3cre", delivery.request(), 0));
  EXPECT_FALSE(gitlab_hooks().is_signed_by("", delivery.request(), 0));
  Delivered bare = delivery;
  bare.headers.erase("x-gitlab-token");
  EXPECT_EQ(gitlab_hooks().check_head(bare.request()).error().code, Errc::unauthenticated);
  EXPECT_FALSE(gitlab_hooks().is_signed_by("", bare.request(), 0));
}

TEST(GitlabSigningToken, IsKnownByItsForm) {
  EXPECT_TRUE(gitlab_hooks().check_signing_token("whsec_" + to_base64("thirty-two bytes of a signing key")));
  EXPECT_EQ(gitlab_hooks().check_signing_token("s3cret").error().field, "signing_token");
  EXPECT_FALSE(github_hooks().check_signing_token("whsec_" + to_base64("a key")));
}

TEST(GitlabSigningToken, SignsIdTimeAndBodyForFiveMinutes) {
  const std::string key = "thirty-two bytes of a signing key";
  const std::string secret = "whsec_" + to_base64(key);
  Delivered delivery = lab("Push Hook", lab_push());
  delivery.headers.erase("x-gitlab-token");
  delivery.headers["webhook-id"] = "msg-1";
  delivery.headers["webhook-timestamp"] = "1700000000";
  delivery.headers["webhook-signature"] =
      "v1,wrong v1," + to_base64(hmac_sha256(key, "msg-1.1700000000." + delivery.body));
  constexpr TimeMs at = 1'700'000'000'000;
  const HookReader& hooks = gitlab_hooks();
  EXPECT_TRUE(hooks.check_head(delivery.request()));
  EXPECT_TRUE(hooks.is_signed_by(secret, delivery.request(), at));
  EXPECT_TRUE(hooks.is_signed_by(secret, delivery.request(), at + 300'000));
  EXPECT_FALSE(hooks.is_signed_by(secret, delivery.request(), at + 300'001)) << "too old";
  EXPECT_FALSE(hooks.is_signed_by(secret, delivery.request(), at - 300'001)) << "ahead";
  Delivered other_id = delivery;
  other_id.headers["webhook-id"] = "msg-2";
  EXPECT_FALSE(hooks.is_signed_by(secret, other_id.request(), at));
  Delivered no_time = delivery;
  no_time.headers["webhook-timestamp"] = "soon";
  EXPECT_FALSE(hooks.is_signed_by(secret, no_time.request(), at));
  Delivered shown = delivery;
  shown.headers["x-gitlab-token"] = secret;
  shown.headers.erase("webhook-signature");
  EXPECT_FALSE(hooks.is_signed_by(secret, shown.request(), at)) << "a signing token is never shown";
  EXPECT_FALSE(hooks.is_signed_by("whsec_", delivery.request(), at));
  EXPECT_FALSE(hooks.is_signed_by("whsec_!", delivery.request(), at));
}

TEST(GitlabKey, TellsTheSamePushMadeTwiceFromOneThatIsDeliveredTwice) {
  const HookReader& hooks = gitlab_hooks();
  Delivered one = lab("Push Hook", lab_push());
  Delivered other = one;
  EXPECT_EQ(hooks.delivery_key(one.request()), hooks.delivery_key(other.request())) << "older servers";
  one.headers["x-gitlab-event-uuid"] = "e1";
  other.headers["x-gitlab-event-uuid"] = "e2";
  EXPECT_NE(hooks.delivery_key(one.request()), hooks.delivery_key(other.request()));
  one.headers["idempotency-key"] = other.headers["idempotency-key"] = "k";
  EXPECT_EQ(hooks.delivery_key(one.request()), hooks.delivery_key(other.request()));
  EXPECT_EQ(hooks.names(one.request()).delivery_id, "k");
}

TEST(GitlabPush, IsReadWholeAndItsFilesAreLeftToGit) {
  const auto pushes = event_of<std::vector<model::PushEvent>>(parse_lab("Push Hook", lab_push()));
  ASSERT_EQ(pushes.size(), 1U);
  EXPECT_EQ(pushes[0].repo_id, "15");
  EXPECT_EQ(pushes[0].repo_full_name, "acme/web/shop");
  EXPECT_EQ(pushes[0].branch(), "main");
  EXPECT_EQ(pushes[0].head_message, "Hi");
  EXPECT_EQ(pushes[0].author, "Grace");
  EXPECT_EQ(pushes[0].pusher, "ada");
  EXPECT_FALSE(pushes[0].changed.known);
  EXPECT_EQ(pushes[0].changed.commits, 31U);
  EXPECT_EQ(gitlab_hooks().claimed_repo(lab("Push Hook", lab_push()).request())->full_name, "acme/web/shop");
}

TEST(GitlabPush, OfATagAndOfADeletion) {
  const auto tag =
      event_of<std::vector<model::PushEvent>>(parse_lab("Tag Push Hook", lab_push("refs/tags/v1")));
  EXPECT_EQ(tag.at(0).ref, "refs/tags/v1");
  const auto gone = event_of<std::vector<model::PushEvent>>(
      parse_lab("Push Hook", lab_push("refs/heads/x", std::string(40, '0'))));
  EXPECT_TRUE(gone.at(0).deleted());
  EXPECT_EQ(event_of<std::vector<model::PushEvent>>(parse_lab("System Hook", lab_push())).size(), 1U);
}

std::string merge_request(const std::string& action, const std::string& more = "", int source = 15,
                          const std::string& state = "opened") {
  return fmt::format(
      R"({{"object_kind":"merge_request","user":{{"username":"eve"}},{},"object_attributes":{{"iid":7,"url":"https://lab.example/mr/7",)"
      R"("title":"A page","state":"{}","action":"{}",{}"source_branch":"topic","target_branch":"main","source_project_id":{},)"
      R"("target_project_id":15,"last_commit":{{"id":"{}"}},"created_at":"2026-11-24 10:00:00 UTC","updated_at":"2026-11-24T11:00:00Z",)"
      R"("source":{{"path_with_namespace":"people/eve/shop"}}}}}})",
      kLabProject, state, action, more, source, kLabNew);
}

TEST(GitlabMergeRequest, HasNewCommitsWhenItSaysWhichWereThereBefore) {
  const auto news = [](const std::string& body) {
    return event_of<model::PullRequestEvent>(parse_lab("Merge Request Hook", body));
  };
  const auto opened = news(merge_request("open"));
  EXPECT_EQ(opened.number, 7);
  EXPECT_EQ(opened.updated_on - opened.created_on, 3'600'000);
  EXPECT_EQ(opened.head_commit, kLabNew);
  EXPECT_TRUE(opened.new_commits && opened.open);
  EXPECT_FALSE(opened.from_fork);
  EXPECT_FALSE(news(merge_request("update")).new_commits);
  EXPECT_TRUE(news(merge_request("update", R"("oldrev":"abc",)")).new_commits);
  EXPECT_FALSE(news(merge_request("merge", "", 15, "merged")).open);
  const auto fork = news(merge_request("open", "", 99));
  EXPECT_TRUE(fork.from_fork);
  EXPECT_EQ(fork.fork_branch(), "people/eve:topic");
  EXPECT_NE(why_ignored(parse_lab("Merge Request Hook", merge_request("approved"))), "");
}

TEST(GitlabEvents, OthersBuildNothing) {
  EXPECT_EQ(why_ignored(parse_lab("Pipeline Hook", "{}")), "event Pipeline Hook builds nothing");
  EXPECT_EQ(why_ignored(parse_lab("System Hook", R"({"event_name":"user_create"})")),
            "system hook user_create builds nothing");
  EXPECT_EQ(parse_lab("Push Hook", "{}").error().field, "project");
}

}  // namespace
}  // namespace kiln::scm
