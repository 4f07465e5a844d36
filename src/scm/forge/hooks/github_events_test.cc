// GitHub's events beside pushes and pull requests.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "scm/forge/hooks/readers.h"
#include "scm/forge/hooks/requests_for_test.h"

namespace kiln::scm {
namespace {

const std::string kChecked(40, 'a');
const char* const kBuild = "5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90";

Result<model::ScmEvent> github_news(const std::string& event, const std::string& body,
                                    const std::string& hook_type = "integration",
                                    const std::string& hook_id = "77") {
  const Delivered delivery{{{"x-github-event", event},
                            {"x-github-delivery", "guid"},
                            {"x-github-hook-installation-target-type", hook_type},
                            {"x-github-hook-installation-target-id", hook_id}},
                           body};
  return github_hooks().parse(delivery.request(), "key");
}

std::string check_run(const std::string& action, const std::string& more = "", const std::string& app = "77",
                      const std::string& external_id = kBuild) {
  return fmt::format(
      R"({{"action":"{}",{}"check_run":{{"id":4,"external_id":"{}","head_sha":"{}","name":"Workers Builds: shop",)"
      R"("app":{{"id":{}}}}},"repository":{{"id":42,"full_name":"acme/shop"}},"sender":{{"login":"ada"}}}})",
      action, more, external_id, kChecked, app);
}

TEST(GithubCheckRun, SaysWhatWasPressedOnWhichBuildAndByWhom) {
  const auto action = event_of<model::CheckAction>(github_news("check_run", check_run("rerequested")));
  EXPECT_EQ(action.what, model::CheckAction::What::run_again);
  EXPECT_EQ(action.external_id, kBuild);
  EXPECT_EQ(action.head_commit, kChecked);
  EXPECT_EQ(action.repo_id, "42");
  EXPECT_EQ(action.delivery_id, "key");
  EXPECT_EQ(action.sender, "ada");
}

TEST(GithubCheckRun, KnowsItsOwnButtonsAndNoOthers) {
  const auto pressed = [](const char* identifier) {
    return github_news("check_run",
                       check_run("requested_action",
                                 fmt::format(R"("requested_action":{{"identifier":"{}"}},)", identifier)));
  };
  EXPECT_EQ(event_of<model::CheckAction>(pressed("cancel")).what, model::CheckAction::What::cancel);
  EXPECT_EQ(event_of<model::CheckAction>(pressed("approve")).what, model::CheckAction::What::approve);
  EXPECT_NE(why_ignored(pressed("deploy")), "");
  EXPECT_NE(why_ignored(github_news("check_run", check_run("created"))), "");
}

TEST(GithubCheckRun, OfAnotherAppOrThroughARepositorysWebhookIsIgnored) {
  EXPECT_NE(why_ignored(github_news("check_run", check_run("rerequested", "", "78"))), "");
  EXPECT_NE(why_ignored(github_news("check_run", check_run("rerequested"), "repository", "77")), "");
  EXPECT_NE(why_ignored(github_news("check_run", check_run("rerequested", "", "77", ""))), "");
  EXPECT_NE(why_ignored(github_news("check_run", check_run("rerequested"), "", "")), "");
  EXPECT_EQ(event_of<model::CheckAction>(
                github_news("check_run", check_run("rerequested", R"("installation":{"id":5},)"), "", ""))
                .sender,
            "ada")
      << "servers that name no target send Apps' hooks with their installation";
}

TEST(GithubCheckSuite, IsRunAgainWholeAndOnlyWhenAsked) {
  const std::string suite = fmt::format(
      R"("check_suite":{{"head_sha":"{}","app":{{"id":77}}}},"repository":{{"id":42}},"sender":{{"login":"ada"}}}})",
      kChecked);
  const auto asked =
      event_of<model::CheckAction>(github_news("check_suite", R"({"action":"rerequested",)" + suite));
  EXPECT_EQ(asked.what, model::CheckAction::What::run_all_again);
  EXPECT_EQ(asked.head_commit, kChecked);
  EXPECT_EQ(why_ignored(github_news("check_suite", R"({"action":"requested",)" + suite)),
            "check_suite requested builds nothing");
}

TEST(GithubInstallation, SaysWhatBecameOfIt) {
  const auto news = [](const std::string& event, const std::string& action) {
    return github_news(event, fmt::format(R"({{"action":"{}","installation":{{"id":5,"app_id":77,)"
                                          R"("account":{{"id":9,"login":"acme"}}}}}})",
                                          action));
  };
  const auto created = event_of<model::InstallationNews>(news("installation", "created"));
  EXPECT_EQ(created.what, model::InstallationNews::What::created);
  EXPECT_EQ(created.app_id, "77");
  EXPECT_EQ(created.installation_id, "5");
  EXPECT_EQ(created.account_id, "9");
  EXPECT_EQ(created.account_name, "acme");
  using What = model::InstallationNews::What;
  EXPECT_EQ(event_of<model::InstallationNews>(news("installation", "suspend")).what, What::suspended);
  EXPECT_EQ(event_of<model::InstallationNews>(news("installation_repositories", "removed")).what,
            What::repositories);
  EXPECT_NE(why_ignored(news("installation", "dreamt")), "");
  EXPECT_EQ(github_news("installation", R"({"action":"created"})").error().field, "installation");
}

TEST(GithubRepository, SaysWhatItIsCalledNow) {
  const auto news = [](const std::string& action, const std::string& changes = "{}") {
    return github_news("repository",
                       fmt::format(R"({{"action":"{}","changes":{},"repository":{{"id":42,"full_name":)"
                                   R"("acme/store","clone_url":"https://git.example/acme/store.git",)"
                                   R"("default_branch":"trunk"}}}})",
                                   action, changes));
  };
  const auto renamed = event_of<model::RepositoryNews>(news("renamed"));
  EXPECT_EQ(renamed.what, model::RepositoryNews::What::renamed);
  EXPECT_EQ(renamed.repo_id, "42");
  EXPECT_EQ(renamed.repo_full_name, "acme/store");
  EXPECT_EQ(renamed.clone_url, "https://git.example/acme/store.git");
  EXPECT_EQ(event_of<model::RepositoryNews>(news("deleted")).what, model::RepositoryNews::What::deleted);
  EXPECT_NE(why_ignored(news("edited")), "");
  EXPECT_EQ(
      event_of<model::RepositoryNews>(news("edited", R"({"default_branch":{"from":"main"}})")).default_branch,
      "trunk");
}

TEST(GithubEvents, DeletionsComeByTheirPushAlone) {
  EXPECT_EQ(why_ignored(github_news("delete", "{}")), "event delete builds nothing");
}

}  // namespace
}  // namespace kiln::scm
