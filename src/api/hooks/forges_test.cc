// Deliveries of every kind of host at their addresses, and what a stranger or a misled hook is told.
#include "api/hooks/hooks_for_test.h"

namespace kiln::api {
namespace {

// What each host sends for the same push of main, signed with `secret`.
struct HostDelivery {
  const char* provider;
  const char* repo_id;
  http::Headers headers;
  std::string body;
};

std::vector<HostDelivery> deliveries_of_all_hosts(const std::string& secret) {
  const std::string ends = fmt::format(R"("ref":"refs/heads/main","before":"{}","after":"{}")", kOld, kNew);
  const std::string tea =
      "{" + ends +
      R"(,"commits":[],"repository":{"id":42,"full_name":"acme/shop"},"pusher":{"login":"ada"}})";
  const std::string lab = "{" + ends +
                          R"(,"object_kind":"push","user_name":"Ada","commits":[],"project":{"id":42,)"
                          R"("path_with_namespace":"acme/shop"}})";
  const std::string bucket = fmt::format(
      R"({{"push":{{"changes":[{{"new":{{"type":"branch","name":"main","target":{{"hash":"{}"}}}},"old":{{"type":)"
      R"("branch","name":"main","target":{{"hash":"{}"}}}}}}]}},"repository":{{"uuid":"{{42}}","full_name":"acme/shop"}}}})",
      kNew, kOld);
  const std::string server = fmt::format(
      R"({{"changes":[{{"ref":{{"id":"refs/heads/main"}},"fromHash":"{}","toHash":"{}"}}],"repository":)"
      R"({{"id":42,"slug":"shop","project":{{"key":"acme"}}}}}})",
      kOld, kNew);
  const auto hex = [&](const std::string& body) { return to_hex(hmac_sha256(secret, body)); };
  return {
      {"gitea",
       "42",
       {{"x-gitea-event", "push"},
        {"x-gitea-delivery", "g"},
        {"x-gitea-signature", hex(tea)},
        {"x-github-event", "push"},
        {"x-github-delivery", "g"}},
       tea},
      {"gitlab", "42", {{"x-gitlab-event", "Push Hook"}, {"x-gitlab-token", secret}}, lab},
      {"gitlab_internal", "42", {{"x-gitlab-event", "Push Hook"}, {"x-gitlab-token", secret}}, lab},
      {"bitbucket",
       "{42}",
       {{"x-event-key", "repo:push"}, {"x-request-uuid", "r"}, {"x-hub-signature", "sha256=" + hex(bucket)}},
       bucket},
      {"bitbucket_server",
       "42",
       {{"x-event-key", "repo:refs_changed"}, {"x-hub-signature", "sha256=" + hex(server)}},
       server}};
}

TEST_F(HooksTest, QueuesABuildForThePushOfEveryKindOfHost) {
  for (const HostDelivery& one : deliveries_of_all_hosts("s3cret")) {
    SCOPED_TRACE(one.provider);
    const model::Trigger trigger =
        connect(store_.add_account(one.provider).id, one.provider, one.repo_id, "s3cret");
    const std::string path = std::string("/webhooks/") + one.provider;
    const http::Response response = post(path, one.headers, one.body);
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(builds_of(trigger), 1U);
    EXPECT_TRUE(result_of(post(path, one.headers, one.body)).at("duplicate").as_bool());
    EXPECT_EQ(builds_of(trigger), 1U);
    ASSERT_EQ(deliveries_of(trigger).size(), 1U);
    EXPECT_EQ(deliveries_of(trigger)[0].repeated, 1);
  }
}

TEST_F(HooksTest, RefusesAWrongSecretOfEveryKindOfHost) {
  const std::vector<HostDelivery> guessed = deliveries_of_all_hosts("guess");
  for (const HostDelivery& one : guessed) {
    SCOPED_TRACE(one.provider);
    const model::Trigger trigger =
        connect(store_.add_account(one.provider).id, one.provider, one.repo_id, "s3cret");
    const std::string path = std::string("/webhooks/") + one.provider;
    const http::Response wrong = post(path, one.headers, one.body);
    EXPECT_EQ(wrong.status, 401);
    http::Headers unsigned_headers = one.headers;
    std::erase_if(unsigned_headers, [](const auto& header) {
      return header.first.find("signature") != std::string::npos || header.first == "x-gitlab-token";
    });
    const http::Response without = post(path, unsigned_headers, one.body);
    EXPECT_EQ(without.status, 401);
    EXPECT_EQ(without.body, wrong.body);
    EXPECT_EQ(builds_of(trigger), 0U);
  }
}

std::string words_of(const http::Response& response) {
  return std::string(json::parse(response.body).at("errors").as_array().at(0).at("message").as_string());
}

TEST_F(HooksTest, SaysInTheRightHostsWordsWhatToDoWhileNoneIsSetUp) {
  connect(store_.add_account().id, "github", "42", "s3cret");
  const HostDelivery lab = deliveries_of_all_hosts("s3cret").at(1);
  const http::Response response = post("/webhooks/gitlab", lab.headers, lab.body);
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(words_of(response).find("no repository of GitLab is connected"), std::string::npos)
      << response.body;
  EXPECT_EQ(response.body.find("GitHub"), std::string::npos);
  EXPECT_EQ(post("/webhooks/gitlab", {{"x-gitlab-event", "Push Hook"}}, "{}").body, response.body)
      << "with or without a token";
}

TEST_F(HooksTest, ShowsADeliveryOfAnotherHostItsAddress) {
  connect(store_.add_account().id, "github", "42", "s3cret");
  const HostDelivery tea = deliveries_of_all_hosts("s3cret").at(0);
  const http::Response response = post("/webhooks/github", tea.headers, tea.body);
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(words_of(response).find("set the webhook's URL to /webhooks/gitea"), std::string::npos);
  const http::Response nowhere = post("/webhooks/sourcehut", {}, "{}");
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_NE(words_of(nowhere).find("/webhooks/bitbucket_server"), std::string::npos);
  EXPECT_EQ(post("/webhooks/git", {}, "{}").status, 404) << "plain git has a hook of its own";
}

TEST_F(HooksTest, TakesEverySecretThatIsValidNow) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  deps_change_ = [](HookDeps& deps) {
    deps.secrets = [](const model::RepoConnection&) {
      return Result<std::vector<std::string>>({"", "new", "old"});
    };
  };
  route("");
  EXPECT_EQ(deliver(push_body("42", "acme/shop", std::string(40, '3')), "old").status, 200);
  EXPECT_EQ(deliver(push_body("42", "acme/shop", std::string(40, '4')), "new").status, 200);
  EXPECT_EQ(deliver(push_body("42", "acme/shop", std::string(40, '5')), "").status, 401);
  EXPECT_EQ(builds_of(trigger), 2U);
}

TEST_F(HooksTest, KeepsWhatAnAppTellsOfARepositoryThatNobodyHasConnected) {
  const std::string account = store_.add_account().id;
  deps_change_ = [&](HookDeps& deps) {
    deps.app_secrets = [&](std::string_view, const scm::HookRequest&) {
      return std::vector<HookDeps::AppSecret>{{account, "the app's"}, {"", "the settings'"}};
    };
  };
  route("");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "guess").status, 401);
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "the settings'").status, 200) << "is no account's";
  EXPECT_EQ(store_.deliveries.deliveries(account, {}, {})->total, 0U);
  const json::object answer = result_of(deliver(push_body("42", "acme/shop"), "the app's"));
  EXPECT_EQ(answer.at("notes").as_array().at(0).as_string(),
            "no Worker is connected to acme/shop; kiln connect connects one");
  store::DeliveryFilter of_commit;
  of_commit.commit = kNew;
  const auto kept = store_.deliveries.deliveries(account, of_commit, {});
  ASSERT_TRUE(kept && kept->items.size() == 1);
  EXPECT_EQ(kept->items[0].repo_name, "shop");
  EXPECT_EQ(kept->items[0].connection, Uuid());
}

TEST_F(HooksTest, HandsNewsOfAnInstallationOnWhenTheAppsSecretProvesThem) {
  connect(store_.add_account().id, "github", "42", "s3cret");
  std::vector<model::InstallationNews> heard;
  deps_change_ = [&](HookDeps& deps) {
    deps.app_secrets = [](std::string_view provider, const scm::HookRequest&) {
      return provider == "github" ? std::vector<HookDeps::AppSecret>{{"", "the app's"}}
                                  : std::vector<HookDeps::AppSecret>();
    };
    deps.installation_news = [&](const model::InstallationNews& news) {
      heard.push_back(news);
      return Status();
    };
  };
  route("");
  const std::string body =
      R"({"action":"suspend","installation":{"id":5,"app_id":77,"account":{"login":"acme"}}})";
  EXPECT_EQ(deliver(body, "the app's", "g1", "installation").status, 200);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].what, model::InstallationNews::What::suspended);
  EXPECT_EQ(deliver(body, "s3cret", "g2", "installation").status, 401)
      << "a repository's secret is not the App's";
  EXPECT_EQ(deliver(body, "guess", "g3", "installation").status, 401);
  EXPECT_EQ(heard.size(), 1U);
}

TEST_F(HooksTest, AnswersAHostsTestOfTheAddress) {
  connect(store_.add_account().id, "bitbucket_server", "42", "s3cret");
  const std::string body = R"({"test":true})";
  const auto ping = [&](const std::string& secret) {
    return post("/webhooks/bitbucket_server",
                {{"x-event-key", "diagnostics:ping"},
                 {"x-hub-signature", "sha256=" + to_hex(hmac_sha256(secret, body))}},
                body)
        .status;
  };
  EXPECT_EQ(ping("s3cret"), 200);
  EXPECT_EQ(ping("guess"), 401);
}

TEST_F(HooksTest, FollowsARepositoryThatIsCalledOtherwiseNowButNotToAnotherHost) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  const auto rename = [&](const std::string& url, const std::string& id) {
    return deliver(
        fmt::format(
            R"({{"action":"renamed","repository":{{"id":42,"full_name":"acme/store","clone_url":"{}"}}}})",
            url),
        "s3cret", id, "repository");
  };
  const auto now = [&] {
    return *store_.connections.connection(trigger.account_id, trigger.connection.uuid);
  };
  ASSERT_EQ(rename("https://evil.example/acme/store.git", "g1").status, 200);
  EXPECT_EQ(now().repo_name, "store");
  EXPECT_EQ(now().clone_url, "https://github.com/acme/shop.git") << "a payload's address is data";
  ASSERT_EQ(rename("https://github.com/acme/store.git", "g2").status, 200);
  EXPECT_EQ(now().clone_url, "https://github.com/acme/store.git");
}

}  // namespace
}  // namespace kiln::api
