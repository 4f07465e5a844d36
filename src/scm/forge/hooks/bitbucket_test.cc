#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/requests_for_test.h"

namespace kiln::scm {
namespace {

const std::string kBucketOld(40, '1');
const std::string kBucketNew(40, '2');
const char* const kBucketRepo =
    R"("repository":{"uuid":"{r-1}","full_name":"acme/shop","links":{"html":{"href":"https://bitbucket.org/acme/shop"}}})";

Delivered bucket(const std::string& event, const std::string& body) {
  return {{{"x-event-key", event},
           {"x-hook-uuid", "h"},
           {"x-request-uuid", "u-1"},
           {"x-hub-signature", "sha256=" + hex_hmac("s", body)}},
          body};
}

Delivered data_center(const std::string& event, const std::string& body) {
  return {
      {{"x-event-key", event}, {"x-request-id", "r-1"}, {"x-hub-signature", "sha256=" + hex_hmac("s", body)}},
      body};
}

std::string change_end(const std::string& name, const std::string& commit, const char* type = "branch") {
  if (commit.empty()) return "null";
  return fmt::format(
      R"({{"type":"{}","name":"{}","target":{{"hash":"{}","message":"Hi","author":{{"raw":"Ada <ada@example.com>"}}}}}})",
      type, name, commit);
}

TEST(BitbucketHead, TellsCloudFromDataCenter) {
  const Delivered cloud = bucket("repo:push", "{}");
  const Delivered own = data_center("repo:refs_changed", "{}");
  EXPECT_TRUE(bitbucket_hooks().claims(cloud.request()));
  EXPECT_FALSE(bitbucket_server_hooks().claims(cloud.request()));
  EXPECT_FALSE(bitbucket_hooks().claims(own.request()));
  EXPECT_TRUE(bitbucket_server_hooks().claims(own.request()));
  EXPECT_TRUE(bitbucket_hooks().check_head(cloud.request()));
  EXPECT_TRUE(bitbucket_server_hooks().check_head(own.request()));
}

TEST(BitbucketHead, WithoutASignatureIsRefused) {
  Delivered cloud = bucket("repo:push", "{}");
  EXPECT_TRUE(bitbucket_hooks().is_signed_by("s", cloud.request(), 0));
  EXPECT_FALSE(bitbucket_hooks().is_signed_by("", cloud.request(), 0));
  cloud.headers.erase("x-hub-signature");
  EXPECT_EQ(bitbucket_hooks().check_head(cloud.request()).error().code, Errc::unauthenticated);
  Delivered own = data_center("repo:refs_changed", "{}");
  EXPECT_TRUE(bitbucket_server_hooks().is_signed_by("s", own.request(), 0));
  own.headers["x-hub-signature"] = hex_hmac("s", "{}");
  EXPECT_EQ(bitbucket_server_hooks().check_head(own.request()).error().code, Errc::unauthenticated);
}

TEST(BitbucketPush, NamesEveryRefThatItChanged) {
  const std::string body = fmt::format(
      R"({{"push":{{"changes":[{{"new":{},"old":{},"forced":true,"commits":[{{}},{{}}]}},{{"new":{},"old":null}},{{"new":null,"old":{}}}]}},)"
      R"("actor":{{"nickname":"ada"}},{}}})",
      change_end("main", kBucketNew), change_end("main", kBucketOld), change_end("v1", kBucketNew, "tag"),
      change_end("gone", kBucketOld), kBucketRepo);
  const Delivered delivery = bucket("repo:push", body);
  const auto pushes =
      event_of<std::vector<model::PushEvent>>(bitbucket_hooks().parse(delivery.request(), "key"));
  ASSERT_EQ(pushes.size(), 3U);
  EXPECT_EQ(pushes[0].repo_id, "{r-1}");
  EXPECT_EQ(pushes[0].branch(), "main");
  EXPECT_EQ(pushes[0].before, kBucketOld);
  EXPECT_EQ(pushes[0].after, kBucketNew);
  EXPECT_TRUE(pushes[0].forced);
  EXPECT_EQ(pushes[0].author, "Ada");
  EXPECT_EQ(pushes[0].clone_url, "https://bitbucket.org/acme/shop.git");
  EXPECT_FALSE(pushes[0].changed.known);
  EXPECT_EQ(pushes[1].ref, "refs/tags/v1");
  EXPECT_EQ(pushes[1].before, "");
  EXPECT_TRUE(pushes[2].deleted());
  EXPECT_EQ(bitbucket_hooks().claimed_repo(delivery.request())->id, "{r-1}");
  Delivered again = delivery;
  again.headers["x-attempt-number"] = "2";
  EXPECT_EQ(bitbucket_hooks().delivery_key(again.request()),
            bitbucket_hooks().delivery_key(delivery.request()));
  again.headers["x-request-uuid"] = "u-2";
  EXPECT_NE(bitbucket_hooks().delivery_key(again.request()),
            bitbucket_hooks().delivery_key(delivery.request()));
}

TEST(BitbucketPullRequest, IsReadWithItsCutCommit) {
  const std::string body = fmt::format(
      R"({{"pullrequest":{{"id":7,"title":"A page","state":"OPEN","author":{{"nickname":"eve"}},"links":{{"html":{{"href":"https://x/7"}}}},)"
      R"("created_on":"2026-11-24T10:00:00.123456+00:00","updated_on":"2026-11-24T11:00:00.123456+00:00",)"
      R"("source":{{"branch":{{"name":"topic"}},"commit":{{"hash":"222222222222"}},"repository":{{"uuid":"{{r-2}}","full_name":"eve/shop"}}}},)"
      R"("destination":{{"branch":{{"name":"main"}},"commit":{{"hash":"111111111111"}}}}}},{}}})",
      kBucketRepo);
  const auto news = event_of<model::PullRequestEvent>(
      bitbucket_hooks().parse(bucket("pullrequest:created", body).request(), "key"));
  EXPECT_EQ(news.number, 7);
  EXPECT_EQ(news.head_commit, "222222222222");
  EXPECT_TRUE(news.from_fork && news.open);
  EXPECT_EQ(news.fork_branch(), "eve:topic");
  EXPECT_EQ(news.created_on % 1000, 123);
}

TEST(BitbucketRepository, SaysWhatItIsCalledNow) {
  const auto news = [](const char* event, const char* changes) {
    return bitbucket_hooks().parse(
        bucket(event, fmt::format(R"({{"changes":{},{}}})", changes, kBucketRepo)).request(), "key");
  };
  EXPECT_EQ(event_of<model::RepositoryNews>(news("repo:updated", R"({"full_name":{}})")).repo_full_name,
            "acme/shop");
  EXPECT_NE(why_ignored(news("repo:updated", R"({"description":{}})")), "");
  EXPECT_NE(why_ignored(news("repo:fork", "{}")), "");
}

TEST(DataCenterPush, NamesEveryRefThatItChanged) {
  const std::string body = fmt::format(
      R"({{"eventKey":"repo:refs_changed","actor":{{"name":"ada"}},"repository":{{"id":5,"slug":"shop","project":{{"key":"ACME"}}}},)"
      R"("changes":[{{"ref":{{"id":"refs/heads/main"}},"fromHash":"{0}","toHash":"{1}","type":"UPDATE"}},)"
      R"({{"ref":{{"id":"refs/heads/x"}},"fromHash":"{0}","toHash":"{2}","type":"DELETE"}}],)"
      R"("toCommit":{{"id":"{1}","message":"Hi","author":{{"name":"Ada"}}}}}})",
      kBucketOld, kBucketNew, std::string(40, '0'));
  const Delivered delivery = data_center("repo:refs_changed", body);
  const auto pushes =
      event_of<std::vector<model::PushEvent>>(bitbucket_server_hooks().parse(delivery.request(), "key"));
  ASSERT_EQ(pushes.size(), 2U);
  EXPECT_EQ(pushes[0].repo_id, "5");
  EXPECT_EQ(pushes[0].repo_full_name, "ACME/shop");
  EXPECT_EQ(pushes[0].head_message, "Hi");
  EXPECT_TRUE(pushes[1].deleted());
  EXPECT_EQ(bitbucket_server_hooks().claimed_repo(delivery.request())->full_name, "ACME/shop");
}

std::string data_center_pull_request(const char* state, int source_id) {
  return fmt::format(
      R"({{"actor":{{"name":"eve"}},"pullRequest":{{"id":7,"title":"A page","state":"{}","createdDate":1795510800000,)"
      R"("updatedDate":1795514400000,"author":{{"user":{{"name":"eve"}}}},"links":{{"self":[{{"href":"https://x/7"}}]}},)"
      R"("fromRef":{{"id":"refs/heads/topic","latestCommit":"{}","repository":{{"id":{},"slug":"shop","project":{{"key":"~eve"}}}}}},)"
      R"("toRef":{{"id":"refs/heads/main","latestCommit":"{}","repository":{{"id":5,"slug":"shop","project":{{"key":"ACME"}}}}}}}}}})",
      state, kBucketNew, source_id, kBucketOld);
}

TEST(DataCenterPullRequest, IsOfTheRepositoryThatItAsksToBeMergedInto) {
  const auto news = [](const char* event, const std::string& body) {
    return event_of<model::PullRequestEvent>(
        bitbucket_server_hooks().parse(data_center(event, body).request(), "key"));
  };
  const auto opened = news("pr:opened", data_center_pull_request("OPEN", 9));
  EXPECT_EQ(opened.repo_id, "5");
  EXPECT_TRUE(opened.open && opened.new_commits && opened.from_fork);
  EXPECT_EQ(opened.fork_branch(), "~eve:topic");
  EXPECT_EQ(opened.base_commit, kBucketOld);
  EXPECT_EQ(opened.created_on, 1'795'510'800'000);
  EXPECT_EQ(opened.url, "https://x/7");
  EXPECT_FALSE(news("pr:merged", data_center_pull_request("MERGED", 5)).open);
  EXPECT_FALSE(news("pr:deleted", data_center_pull_request("OPEN", 5)).open);
  EXPECT_FALSE(news("pr:modified", data_center_pull_request("OPEN", 5)).new_commits);
  EXPECT_EQ(bitbucket_server_hooks()
                .claimed_repo(data_center("pr:opened", data_center_pull_request("OPEN", 9)).request())
                ->id,
            "5");
}

TEST(DataCenterEvents, OthersBuildNothing) {
  const auto parse = [](const char* event, const char* body) {
    return bitbucket_server_hooks().parse(data_center(event, body).request(), "key");
  };
  EXPECT_EQ(why_ignored(parse("diagnostics:ping", R"({"test":true})")),
            "event diagnostics:ping builds nothing");
  EXPECT_EQ(
      event_of<model::RepositoryNews>(
          parse(
              "repo:modified",
              R"({"old":{"id":5,"slug":"a","project":{"key":"P"}},"new":{"id":5,"slug":"b","project":{"key":"P"}}})"))
          .repo_full_name,
      "P/b");
}

}  // namespace
}  // namespace kiln::scm
