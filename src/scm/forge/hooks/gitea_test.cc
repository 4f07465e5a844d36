#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "scm/forge/forge.h"
#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/requests_for_test.h"

namespace kiln::scm {
namespace {

const std::string kTeaOld(40, '1');
const std::string kTeaNew(40, '2');
const char* const kTeaRepo =
    R"("repository":{"id":3,"full_name":"acme/shop","clone_url":"https://tea.example/acme/shop.git"})";

Delivered tea(const std::string& event, const std::string& body, const std::string& prefix = "x-gitea-") {
  return {
      {{prefix + "event", event}, {prefix + "delivery", "guid"}, {prefix + "signature", hex_hmac("s", body)}},
      body};
}

Result<model::ScmEvent> parse_tea(const std::string& event, const std::string& body) {
  return gitea_hooks().parse(tea(event, body).request(), "key");
}

std::string tea_push(const std::string& after, const std::string& more = "") {
  return fmt::format(
      R"({{"ref":"refs/heads/main","before":"{}","after":"{}",{}"commits":[{{"id":"{}","message":"Hi","author":{{"name":"Ada"}},)"
      R"("added":["a"],"removed":[],"modified":[]}}],"total_commits":9,{},"pusher":{{"login":"ada"}}}})",
      kTeaOld, after, more, after, kTeaRepo);
}

TEST(GiteaHead, IsClaimedUnderAllItsNamesAndBeforeGithub) {
  for (const char* prefix : {"x-gitea-", "x-forgejo-", "x-gogs-"}) {
    Delivered delivery = tea("push", "{}", prefix);
    delivery.headers["x-github-event"] = "push";
    delivery.headers["x-github-delivery"] = "guid";
    const HookRequest request = delivery.request();
    const auto first = std::find_if(forges().begin(), forges().end(), [&](const Forge& forge) {
      return forge.hooks != nullptr && forge.hooks->claims(request);
    });
    ASSERT_NE(first, forges().end());
    EXPECT_EQ(first->provider, "gitea");
    EXPECT_TRUE(first->hooks->check_head(request));
    EXPECT_EQ(first->hooks->names(request).event, "push");
  }
}

TEST(GiteaSignature, IsBareHexOverTheJsonAlsoInAForm) {
  const std::string body = tea_push(kTeaNew);
  const Delivered plain = tea("push", body);
  EXPECT_TRUE(gitea_hooks().is_signed_by("s", plain.request(), 0));
  EXPECT_FALSE(gitea_hooks().is_signed_by("t", plain.request(), 0));
  EXPECT_FALSE(gitea_hooks().is_signed_by("", plain.request(), 0));
  Delivered form = tea("push", "payload=%7B%22a%22%3A1%7D");
  form.headers["content-type"] = "application/x-www-form-urlencoded";
  EXPECT_FALSE(gitea_hooks().is_signed_by("s", form.request(), 0));
  form.headers["x-gitea-signature"] = hex_hmac("s", R"({"a":1})");
  EXPECT_TRUE(gitea_hooks().is_signed_by("s", form.request(), 0));
}

TEST(GiteaSignature, ThatIsEmptySinceTheHookHasNoSecretIsRefused) {
  Delivered delivery = tea("push", "{}");
  delivery.headers["x-gitea-signature"] = "";
  EXPECT_EQ(gitea_hooks().check_head(delivery.request()).error().code, Errc::unauthenticated);
  EXPECT_FALSE(gitea_hooks().is_signed_by("", delivery.request(), 0));
}

TEST(GiteaPush, IsReadWholeAndItsFilesAreLeftToGit) {
  const auto pushes = event_of<std::vector<model::PushEvent>>(parse_tea("push", tea_push(kTeaNew)));
  ASSERT_EQ(pushes.size(), 1U);
  EXPECT_EQ(pushes[0].repo_id, "3");
  EXPECT_EQ(pushes[0].repo_full_name, "acme/shop");
  EXPECT_EQ(pushes[0].branch(), "main");
  EXPECT_EQ(pushes[0].before, kTeaOld);
  EXPECT_EQ(pushes[0].after, kTeaNew);
  EXPECT_EQ(pushes[0].head_message, "Hi");
  EXPECT_EQ(pushes[0].author, "Ada");
  EXPECT_EQ(pushes[0].pusher, "ada");
  EXPECT_FALSE(pushes[0].changed.known);
  EXPECT_EQ(pushes[0].changed.commits, 9U);
  EXPECT_EQ(parse_tea("push", tea_push("short")).error().field, "after");
}

TEST(GiteaDelete, IsAPushOfNothing) {
  const auto of = [](const char* kind) {
    return event_of<std::vector<model::PushEvent>>(
        parse_tea("delete", fmt::format(R"({{"ref":"topic/x","ref_type":"{}",{}}})", kind, kTeaRepo)));
  };
  ASSERT_EQ(of("branch").size(), 1U);
  EXPECT_TRUE(of("branch")[0].deleted());
  EXPECT_EQ(of("branch")[0].branch(), "topic/x");
  EXPECT_EQ(of("tag").at(0).ref, "refs/tags/topic/x");
  EXPECT_TRUE(of("wiki").empty());
}

TEST(GiteaPullRequest, IsSynchronizedInItsOwnSpelling) {
  const std::string body = fmt::format(
      R"({{"action":"synchronized","number":7,"pull_request":{{"html_url":"https://tea.example/acme/shop/pulls/7","state":"open",)"
      R"("title":"A page","user":{{"login":"eve"}},"created_at":"2026-11-24T10:00:00+01:00","updated_at":"2026-11-24T11:00:00+01:00",)"
      R"("head":{{"ref":"topic","sha":"{}","repo":{{"id":9,"owner":{{"login":"eve"}}}}}},)"
      R"("base":{{"ref":"main","sha":"{}","repo":{{"id":3}}}}}},{}}})",
      kTeaNew, kTeaOld, kTeaRepo);
  const auto news = event_of<model::PullRequestEvent>(parse_tea("pull_request", body));
  EXPECT_EQ(news.provider, "gitea");
  EXPECT_EQ(news.number, 7);
  EXPECT_TRUE(news.new_commits && news.from_fork && news.open);
  EXPECT_EQ(news.fork_branch(), "eve:topic");
  EXPECT_EQ(news.created_on, 1'795'510'800'000) << "an offset is taken off";
}

TEST(GiteaEvents, OthersBuildNothing) {
  EXPECT_EQ(why_ignored(parse_tea("issues", "{}")), "event issues builds nothing");
  EXPECT_EQ(event_of<model::RepositoryNews>(
                parse_tea("repository", fmt::format(R"({{"action":"deleted",{}}})", kTeaRepo)))
                .what,
            model::RepositoryNews::What::deleted);
}

}  // namespace
}  // namespace kiln::scm
