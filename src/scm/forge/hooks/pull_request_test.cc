#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/requests_for_test.h"

namespace kiln::scm {
namespace {

const std::string kBase(40, '1');
const std::string kTip(40, '2');

std::string pull_request_body(const std::string& action, const std::string& head_repo,
                              const std::string& sha = kTip) {
  return fmt::format(
      R"({{"action":"{}","number":7,"pull_request":{{"html_url":"https://git.example/acme/shop/pull/7","state":"{}","title":"Add a page","user":{{"login":"eve"}},"created_at":"2026-11-24T10:00:00Z","updated_at":"2026-11-24T11:00:00Z","head":{{"ref":"topic","sha":"{}","repo":{}}},"base":{{"ref":"main","sha":"{}","repo":{{"id":42}}}}}},"repository":{{"id":42,"full_name":"acme/shop"}}}})",
      action, action == "closed" ? "closed" : "open", sha, head_repo, kBase);
}

Result<model::ScmEvent> pull_request(const std::string& body) {
  const Delivered delivery{{{"x-github-event", "pull_request"}, {"x-github-delivery", "guid"}}, body};
  return github_hooks().parse(delivery.request(), "key");
}

const char* const kFork = R"({"id":99,"owner":{"login":"eve"}})";
const char* const kOwn = R"({"id":42,"owner":{"login":"acme"}})";

TEST(GithubPullRequest, IsReadWhole) {
  const auto event = pull_request(pull_request_body("synchronize", kFork));
  ASSERT_TRUE(event) << event.error().message;
  const auto& news = std::get<model::PullRequestEvent>(*event);
  EXPECT_EQ(news.delivery_id, "key");
  EXPECT_EQ(news.repo_id, "42");
  EXPECT_EQ(news.number, 7);
  EXPECT_EQ(news.url, "https://git.example/acme/shop/pull/7");
  EXPECT_EQ(news.author, "eve");
  EXPECT_EQ(news.updated_on - news.created_on, 3'600'000);
  EXPECT_TRUE(news.open && news.new_commits && news.from_fork);
  EXPECT_EQ(news.fork_branch(), "eve:topic");
  EXPECT_EQ(news.head_commit, kTip);
  EXPECT_EQ(news.base_commit, kBase);
}

TEST(GithubPullRequest, IsOfAForkWhenItsHeadIsAnotherRepositoryOrGone) {
  const auto from_fork = [](const char* repo) {
    return std::get<model::PullRequestEvent>(*pull_request(pull_request_body("opened", repo))).from_fork;
  };
  EXPECT_FALSE(from_fork(kOwn));
  EXPECT_TRUE(from_fork(kFork));
  EXPECT_TRUE(from_fork("null"));
}

TEST(GithubPullRequest, ThatWasClosedIsNotOpenAndLabelsAreNoNews) {
  const auto closed = pull_request(pull_request_body("closed", kOwn));
  EXPECT_FALSE(std::get<model::PullRequestEvent>(*closed).open);
  EXPECT_FALSE(std::get<model::PullRequestEvent>(*closed).new_commits);
  EXPECT_TRUE(std::holds_alternative<model::IgnoredEvent>(*pull_request(pull_request_body("labeled", kOwn))));
}

TEST(GithubPullRequest, NamesTheFieldAtFault) {
  EXPECT_EQ(pull_request(pull_request_body("opened", kOwn, "zzz")).error().field, "sha");
  EXPECT_EQ(pull_request(R"({"action":"opened","number":7,"repository":{}})").error().field, "pull_request");
}

}  // namespace
}  // namespace kiln::scm
