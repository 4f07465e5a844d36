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
    deps.app_secrets = [&](std::string_view, const std::string&) {
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
    deps.app_secrets = [](std::string_view provider, const std::string&) {
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

TEST_F(HooksTest, TriesTheSecretsOfTheAppAloneThatADeliverySaysItIsOf) {
  const std::string account = store_.add_account().id;
  std::vector<std::string> asked;
  deps_change_ = [&](HookDeps& deps) {
    deps.app_secrets = [&](std::string_view, const std::string& app_id) {
      asked.push_back(app_id);
      return std::vector<HookDeps::AppSecret>{{account, "the app's"}};
    };
  };
  route("");
  const std::string body = push_body("42", "acme/shop");
  const auto deliver_of = [&](const std::string& type) {
    return post("/webhooks/github",
                {{"x-github-event", "push"},
                 {"x-github-delivery", "g-" + type},
                 {"x-github-hook-installation-target-type", type},
                 {"x-github-hook-installation-target-id", "77"},
                 {"x-hub-signature-256", "sha256=" + to_hex(hmac_sha256("the app's", body))}},
                body)
        .status;
  };
  EXPECT_EQ(deliver_of("integration"), 200);
  EXPECT_EQ(asked, std::vector<std::string>({"77"}));
  EXPECT_EQ(deliver_of("repository"), 200);
  EXPECT_EQ(asked.back(), "") << "the id of a repository is no App's";
}

TEST_F(HooksTest, AnAppOfAnotherAccountThanTheConnectionsIsBelieved) {
  const std::string mine = store_.add_account().id;
  const model::Trigger theirs = connect(store_.add_account("else").id, "github", "42", "their secret");
  deps_change_ = [&](HookDeps& deps) {
    deps.app_secrets = [&](std::string_view, const std::string&) {
      return std::vector<HookDeps::AppSecret>{{mine, "my app's"}};
    };
  };
  route("");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "my app's").status, 200);
  EXPECT_EQ(builds_of(theirs), 0U) << "their repository is theirs";
  EXPECT_TRUE(deliveries_of(theirs).empty());
  EXPECT_EQ(store_.deliveries.deliveries(mine, {}, {})->items.size(), 1U);
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "guess").status, 401);
}

TEST_F(HooksTest, TriesNoSecretsOnALargeBodyThatNamesNoRepository) {
  connect(store_.add_account().id, "github", "42", "s3cret");
  const auto ping = [&](std::size_t size) {
    return deliver(R"({"zen":")" + std::string(size, 'z') + R"("})", "s3cret", "g1", "ping").status;
  };
  EXPECT_EQ(ping(100), 200);
  EXPECT_EQ(ping(100'000), 401);
}

TEST_F(HooksTest, AnAppTellsOfItsOwnInstallationsAlone) {
  std::vector<std::string> heard;
  deps_change_ = [&](HookDeps& deps) {
    deps.app_secrets = [](std::string_view, const std::string&) {
      return std::vector<HookDeps::AppSecret>{{"a", "of 77", "77"}, {"b", "of 78", "78"}};
    };
    deps.installation_news = [&](const model::InstallationNews& news) {
      heard.push_back(news.app_id);
      return Status();
    };
  };
  route("");
  const std::string of_77 =
      R"({"action":"suspend","installation":{"id":5,"app_id":77,"account":{"login":"acme"}}})";
  EXPECT_EQ(deliver(of_77, "of 78", "g1", "installation").status, 401);
  EXPECT_EQ(deliver(of_77, "of 77", "g2", "installation").status, 200);
  EXPECT_EQ(heard, std::vector<std::string>({"77"}));
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

TEST_F(HooksTest, FollowsNamesInTheOrderInWhichTheHostGaveThem) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  const auto rename = [&](const std::string& name, const std::string& second) {
    const std::string body = fmt::format(
        R"({{"action":"renamed","repository":{{"id":42,"full_name":"acme/{0}",)"
        R"("clone_url":"https://github.com/acme/{0}.git","updated_at":"2025-11-24T10:00:{1}Z"}}}})",
        name, second);
    return deliver(body, "s3cret", "g" + second, "repository").status;
  };
  ASSERT_EQ(rename("third", "09"), 200);
  ASSERT_EQ(rename("second", "05"), 200);
  const auto now = *store_.connections.connection(trigger.account_id, trigger.connection.uuid);
  EXPECT_EQ(now.repo_name, "third");
  EXPECT_EQ(now.clone_url, "https://github.com/acme/third.git");
  EXPECT_EQ(deliveries_of(trigger).at(0).notes.at(0),
            "the repository was renamed again since, and that is known already");
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
  int number = 10;
  for (const char* url :
       {"https://user:pw@github.com/acme/store.git", "https://github.com/acme/\\u0000store.git",
        "https://github.com/acme/store.git\\n--upload-pack=x"}) {
    ASSERT_EQ(rename(url, "g" + std::to_string(++number)).status, 200);
    EXPECT_EQ(now().clone_url, "https://github.com/acme/shop.git") << url;
  }
  ASSERT_EQ(rename("https://github.com/acme/store.git", "g2").status, 200);
  EXPECT_EQ(now().clone_url, "https://github.com/acme/store.git");
}

}  // namespace
}  // namespace kiln::api
