#include "connect/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/memory_store.h"

namespace kiln::connect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kShop = "https://gitlab.example/acme/shop.git";

class Connecting : public ::testing::Test {
 protected:
  Wish wish(const std::string& url = kShop) {
    Wish out;
    out.url = url;
    out.worker = "shop";
    return out;
  }
  Result<Connected> ask(const Wish& wanted) {
    const Ports ports{
        t.connections,
        t.triggers,
        t.build_tokens,
        t.workers,
        t.watches,
        t.entropy,
        t.clock,
        [this](const model::RepoConnection&) { return head_; },
        [](const model::RepoConnection&) -> Result<std::string> {
          return fail(Errc::unavailable, "there is no host");
        },
        [this](const std::string&, const std::string&, const std::string& authorization) {
          tried_ = authorization;
          return opens_;
        },
        [this](const std::string&, const std::string&) { return kind_; },
        [](const std::string& provider, const std::string& token) { return provider + " " + token; },
        [this](const model::RepoConnection&, const std::string& branch, const std::string& root) {
          asked_for_ = branch + " " + root;
          return named_;
        }};
    t.clock.advance(1000);
    return connect(ports, account_, wanted);
  }
  Connected connected(const Wish& wanted) {
    Result<Connected> made = ask(wanted);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(Connected{});
  }

  testing::TestStore t;
  std::string account_ = t.add_account().id;
  Result<std::string> head_ = fail(Errc::not_found, "there is no commit yet");
  Result<NamedWorker> named_ = NamedWorker{"shop", "It is called so."};
  std::string asked_for_;
  std::string tried_;
  HostKind kind_{"gitlab", HostKind::By::name};
  Status opens_;
};

TEST_F(Connecting, MakesNothingByATokenThatTheHostRefuses) {
  Wish with_token = wish();
  with_token.credentials.token = "t0ken";
  opens_ = fail(Errc::forbidden, "gitlab.example answered 403");
  const Result<Connected> refused = ask(with_token);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_EQ(refused.error().field, "token");
  EXPECT_EQ(tried_, "gitlab t0ken");
  EXPECT_TRUE(t.connections.connections(account_)->empty());
}

TEST_F(Connecting, KeepsATokenThatCannotBeTriedAndSaysSo) {
  Wish with_token = wish();
  with_token.credentials.token = "t0ken";
  opens_ = fail(Errc::timeout, "gitlab.example did not answer within 8 s");
  const Connected made = connected(with_token);
  EXPECT_EQ(*t.connections.token(made.connection.uuid), "t0ken");
  EXPECT_THAT(made.notes.at(0), HasSubstr("could not be tried: gitlab.example did not answer"));
}

TEST_F(Connecting, SaysWhatItTakesAHostForThatNothingNames) {
  kind_ = {"github", HostKind::By::nothing};
  EXPECT_THAT(connected(wish("https://git.example/acme/shop.git")).notes.at(0),
              HasSubstr("taken for one of the kind github"));
  Wish named = wish("https://git.example/acme/shop.git");
  named.provider = "gitea";
  EXPECT_THAT(connected(named).notes,
              ::testing::Not(::testing::Contains(HasSubstr("taken for one of the kind"))));
}

TEST_F(Connecting, TakesTheNameThatTheRepositoryGivesItsWorker) {
  Wish unnamed = wish();
  unnamed.worker.clear();
  head_ = "trunk";
  named_ = NamedWorker{"from-config", "wrangler.toml says so."};
  const Connected made = connected(unnamed);
  EXPECT_EQ(made.worker.name, "from-config");
  EXPECT_EQ(asked_for_, "trunk /");
  EXPECT_THAT(made.notes, ::testing::Contains("wrangler.toml says so."));
  named_ = NamedWorker{"renamed", "wrangler.toml says so now."};
  EXPECT_EQ(connected(unnamed).worker.name, "from-config") << "asked again, it stays what it is";
}

TEST_F(Connecting, ANameThatAnotherRepositoryDeploysIsRefusedAsIfItHadBeenGiven) {
  connected(wish());
  Wish other = wish("https://gitlab.example/acme/other.git");
  other.worker.clear();
  EXPECT_EQ(ask(other).error().code, Errc::conflict);
}

TEST_F(Connecting, SaysThatSeveralWorkersOfOneRepositoryNeedAName) {
  connected(wish());
  Wish second = wish();
  second.worker = "docs";
  connected(second);
  second.worker.clear();
  EXPECT_THAT(ask(second).error().message, HasSubstr("--worker"));
}

TEST_F(Connecting, TakesTheKindOfAHostThatWasSetUpSince) {
  kind_ = {"github", HostKind::By::name};
  EXPECT_EQ(connected(wish()).connection.provider_type, "github") << "guessed";
  kind_ = {"gitea", HostKind::By::set_up};
  EXPECT_EQ(connected(wish()).connection.provider_type, "gitea");
  kind_ = {"github", HostKind::By::name};
  EXPECT_EQ(connected(wish()).connection.provider_type, "gitea") << "a guess changes nothing that stands";
}

TEST_F(Connecting, MakesTheTwoTriggersOfANewRepository) {
  const Connected made = connected(wish());
  ASSERT_EQ(made.triggers.size(), 2U);
  EXPECT_EQ(made.triggers[0].name, "Deploy main");
  EXPECT_EQ(made.triggers[0].deploy_command, "npx wrangler deploy");
  EXPECT_THAT(made.triggers[0].branch_includes, ElementsAre("main"));
  EXPECT_EQ(made.triggers[1].name, "Preview other branches");
  EXPECT_EQ(made.triggers[1].deploy_command, "npx wrangler versions upload");
  EXPECT_THAT(made.triggers[1].branch_excludes, ElementsAre("main"));
  EXPECT_THAT(made.notes, ElementsAre(HasSubstr("there is no commit yet")));
  EXPECT_EQ(made.connection.provider_account_name, "acme");
  EXPECT_EQ(made.connection.repo_name, "shop");
  EXPECT_TRUE(connected(wish()).changes.empty());
}

TEST_F(Connecting, TakesTheBranchOfHeadOnceAndNeverAgain) {
  head_ = "trunk";
  EXPECT_THAT(connected(wish()).triggers[0].branch_includes, ElementsAre("trunk"));
  head_ = "other";
  const Connected again = connected(wish());
  EXPECT_THAT(again.triggers[0].branch_includes, ElementsAre("trunk"));
  EXPECT_TRUE(again.changes.empty());
}

TEST_F(Connecting, ChangesWhatItIsToldAndNothingElse) {
  Wish first = wish();
  first.build_command = "npm run build";
  first.deploy_command = "npx wrangler deploy --minify";
  first.root_directory = "apps/web";
  first.require_version = true;
  first.fork_builds = model::ForkBuilds::without_secrets;
  connected(first);
  Wish second = wish();
  second.preview_deploy_command = "npx wrangler versions upload --minify";
  const Connected made = connected(second);
  EXPECT_THAT(made.changes,
              ElementsAre(Change{"Preview other branches", "deploy_command", "npx wrangler versions upload",
                                 "npx wrangler versions upload --minify"}));
  for (const model::Trigger& trigger : made.triggers) {
    EXPECT_EQ(trigger.build_command, "npm run build");
    EXPECT_EQ(trigger.root_directory, "apps/web");
    EXPECT_TRUE(trigger.require_version);
    EXPECT_EQ(trigger.fork_builds, model::ForkBuilds::without_secrets);
  }
  EXPECT_EQ(made.triggers[0].deploy_command, "npx wrangler deploy --minify");
  Wish third = wish();
  third.build_command = "";
  third.require_version = false;
  EXPECT_EQ(connected(third).triggers[1].build_command, "");
}

TEST_F(Connecting, MovesTheProductionTriggerToAnotherBranch) {
  const Connected before = connected(wish());
  Wish moved = wish();
  moved.branch = "release";
  const Connected after = connected(moved);
  ASSERT_EQ(after.triggers.size(), 2U);
  EXPECT_EQ(after.triggers[0].uuid, before.triggers[0].uuid);
  EXPECT_EQ(after.triggers[0].name, "Deploy release");
  EXPECT_THAT(after.triggers[0].branch_includes, ElementsAre("release"));
  EXPECT_THAT(after.triggers[1].branch_excludes, ElementsAre("release"));
}

TEST_F(Connecting, KeepsANameAndPatternsThatSomebodyChose) {
  Connected made = connected(wish());
  made.triggers[0].name = "Ship it";
  made.triggers[1].branch_excludes = {"main", "wip/*"};
  ASSERT_TRUE(t.triggers.update_trigger(made.triggers[0]));
  ASSERT_TRUE(t.triggers.update_trigger(made.triggers[1]));
  Wish moved = wish();
  moved.branch = "release";
  const Connected after = connected(moved);
  EXPECT_EQ(after.triggers[0].name, "Ship it");
  EXPECT_THAT(after.triggers[1].branch_excludes, ElementsAre("release", "wip/*"));
}

TEST_F(Connecting, TakesPreviewsAwayAndBringsThemBack) {
  connected(wish());
  Wish without = wish();
  without.previews = false;
  const Connected alone = connected(without);
  ASSERT_EQ(alone.triggers.size(), 1U);
  EXPECT_THAT(alone.changes,
              ElementsAre(Change{"Preview other branches", "trigger_name", "Preview other branches", ""}));
  EXPECT_EQ(connected(wish()).triggers.size(), 1U) << "what was taken away comes back when asked for alone";
  Wish with = wish();
  with.previews = true;
  ASSERT_EQ(connected(with).triggers.size(), 2U);
}

TEST_F(Connecting, AsksBeforeASecondRepositoryDeploysTheWorker) {
  connected(wish());
  Wish other = wish("https://gitea.example/acme/shop.git");
  const Result<Connected> refused = ask(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(refused.error().field, "worker");
  EXPECT_THAT(refused.error().message, HasSubstr(kShop));
  EXPECT_EQ(t.connections.connections(account_)->size(), 1U) << "refused before anything was made";
  other.second_repository = true;
  const Connected both = connected(other);
  EXPECT_EQ(t.connections.connections(account_)->size(), 2U);
  EXPECT_EQ(both.connection.clone_url, other.url);
  EXPECT_TRUE(ask(wish("https://gitlab.example/acme/shop"))) << "another spelling is the same repository";
}

}  // namespace
}  // namespace kiln::connect
