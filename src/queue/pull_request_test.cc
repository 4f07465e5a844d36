// What pull requests do: those of a branch are noted on its builds, those of forks build what triggers allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/local_hub.h"
#include "queue/queue.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"

namespace kiln::queue {
namespace {

const std::string kHead(40, '2');

class PullRequestTest : public ::testing::Test {
 protected:
  model::Trigger trigger(model::ForkBuilds forks, std::vector<std::string> branches = {"*"}) {
    model::Trigger made = store_.add_trigger();
    made.fork_builds = forks;
    made.branch_includes = std::move(branches);
    return *store_.triggers.update_trigger(made);
  }

  static model::PullRequestEvent news(bool from_fork, const std::string& delivery = "d1") {
    model::PullRequestEvent news;
    news.provider = "github";
    news.delivery_id = delivery;
    news.number = 7;
    news.url = "https://git.example/acme/shop/pull/7";
    news.title = "Add a page";
    news.author = "eve";
    news.created_on = 1'000;
    news.updated_on = 2'000;
    news.from_fork = from_fork;
    news.new_commits = true;
    news.head_branch = "main";
    news.head_owner = "eve";
    news.head_commit = kHead;
    news.base_commit = std::string(40, '1');
    return news;
  }

  Taken take(const model::Trigger& trigger, const model::PullRequestEvent& event) {
    return take_at(queue_, trigger, event);
  }
  static Taken take_at(Queue& server, const model::Trigger& trigger, const model::PullRequestEvent& event,
                       const Queue::IsAncestor& is_ancestor = {}) {
    const Result<Taken> taken = server.take_pull_request(
        trigger.connection, event, nullptr,
        [](const std::string&) {
          return Result<Queue::CommitText>(Queue::CommitText{"Eve", "The commit's own words"});
        },
        {}, is_ancestor);
    EXPECT_TRUE(taken) << taken.error().message;
    return *taken;
  }

  Taken push(const model::Trigger& trigger, const std::string& branch, const std::string& delivery) {
    model::PushEvent push;
    push.provider = "github";
    push.delivery_id = delivery;
    push.ref = "refs/heads/" + branch;
    push.before = last_;
    push.after = last_ = branch == "main" && last_.empty() ? kHead : std::string(39, '3') + delivery.back();
    push.changed = {true, {"a"}, 1};
    return *queue_.take_push(trigger.connection, {push}, nullptr);
  }

  model::Build stored(const model::Trigger& trigger, const Uuid& uuid) {
    return store_.builds.build(trigger.account_id, uuid)->build;
  }

  std::string last_;  // pushed commit
  testing::TestStore store_;
  events::LocalHub hub_;
  Queue queue_{stores_of(store_), hub_, store_.clock, store_.entropy, Settings{}};
};

TEST_F(PullRequestTest, IsNotedOnTheBuildThatItsBranchsPushHadStarted) {
  const model::Trigger t = trigger(model::ForkBuilds::never);
  const Uuid build = push(t, "main", "p1").builds.at(0).build;
  EXPECT_FALSE(stored(t, build).pull_request);
  EXPECT_TRUE(take(t, news(false)).builds.empty());
  const model::Build noted = stored(t, build);
  ASSERT_TRUE(noted.pull_request);
  EXPECT_EQ(noted.pull_request->url, news(false).url);
  EXPECT_EQ(noted.pull_request->created_on, 1'000);
  EXPECT_EQ(noted.metadata.source, model::TriggerSource::push) << "what started it stays as it was";
}

TEST_F(PullRequestTest, OfTwoPushesToAForkWithinOneSecondTheLaterIsBuilt) {
  const model::Trigger t = trigger(model::ForkBuilds::without_secrets);
  const std::string older(40, '5');
  const Queue::IsAncestor by_git = [&](const std::string& ancestor, const std::string& descendant) {
    return std::optional<bool>(ancestor == older && descendant == kHead);
  };
  EXPECT_EQ(take_at(queue_, t, news(true), by_git).builds.size(), 1U);
  model::PullRequestEvent late = news(true, "d2");
  late.head_commit = older;
  const Taken taken = take_at(queue_, t, late, by_git);
  EXPECT_TRUE(taken.builds.empty());
  EXPECT_EQ(store_.pull_requests.noted(t.connection.uuid, 7)->value().head_commit, kHead);
  late.head_commit = std::string(40, '6');
  late.delivery_id = "d3";
  EXPECT_EQ(take_at(queue_, t, late, by_git).builds.size(), 1U)
      << "a push put it elsewhere, or git is silent";
}

TEST_F(PullRequestTest, AForksBranchThatIsPutBackWithinOneSecondIsBuilt) {
  const model::Trigger t = trigger(model::ForkBuilds::without_secrets);
  const Queue::IsAncestor by_git = [](const std::string&, const std::string&) {
    return std::optional<bool>(true);
  };
  EXPECT_EQ(take_at(queue_, t, news(true), by_git).builds.size(), 1U);
  model::PullRequestEvent back = news(true, "d2");
  back.head_commit = std::string(40, '5');
  back.before = kHead;
  EXPECT_EQ(take_at(queue_, t, back, by_git).builds.size(), 1U);
  EXPECT_EQ(store_.pull_requests.noted(t.connection.uuid, 7)->value().head_commit, back.head_commit);
}

TEST_F(PullRequestTest, MakesLaterPushesOfItsBranchBuildsOfThePullRequestUntilItIsClosed) {
  const model::Trigger t = trigger(model::ForkBuilds::never);
  take(t, news(false));
  const model::Build during = stored(t, push(t, "main", "p1").builds.at(0).build);
  EXPECT_EQ(during.metadata.source, model::TriggerSource::pull_request);
  EXPECT_TRUE(during.pull_request);
  EXPECT_FALSE(stored(t, push(t, "other", "p2").builds.at(0).build).pull_request);
  model::PullRequestEvent closed = news(false, "d2");
  closed.open = false;
  closed.updated_on = 3'000;
  take(t, closed);
  take(t, news(false, "d3"));  // delivered late
  EXPECT_FALSE(stored(t, push(t, "main", "p3").builds.at(0).build).pull_request);
}

TEST_F(PullRequestTest, OfAForkBuildsNothingUnlessATriggerSaysSo) {
  const model::Trigger t = trigger(model::ForkBuilds::never);
  const Taken taken = take(t, news(true));
  EXPECT_TRUE(taken.builds.empty());
  EXPECT_EQ(taken.notes.at(0),
            "pull request 7: no trigger builds pull requests from forks (fork_pull_requests)");
  EXPECT_FALSE(stored(t, push(t, "main", "p1").builds.at(0).build).pull_request)
      << "a fork's branch is not the repository's branch of the same name";
}

// As Bitbucket Cloud names it.
TEST_F(PullRequestTest, OfAForkWhoseCommitIsCutIsJudgedByTheSameRules) {
  model::PullRequestEvent cut = news(true);
  cut.head_commit = "aabbccddeeff";
  const model::Trigger never = trigger(model::ForkBuilds::never);
  EXPECT_THAT(take(never, cut).notes.at(0),
              ::testing::HasSubstr("no trigger builds pull requests from forks"));
  const auto rule_of = [&](const model::Trigger& t) {
    cut.delivery_id = t.uuid.str();
    cut.updated_on += 1;
    EXPECT_TRUE(take(t, cut).builds.empty());
    const auto kept = store_.deliveries.deliveries(t.account_id, {}, {1, 1});
    return kept->items.at(0).verdicts.at(0).rule;
  };
  EXPECT_THAT(rule_of(never), ::testing::HasSubstr("fork_pull_requests: never"));
  EXPECT_THAT(rule_of(trigger(model::ForkBuilds::approve)), ::testing::HasSubstr("by its beginning alone"));
  EXPECT_THAT(rule_of(trigger(model::ForkBuilds::with_secrets, {"release"})),
              ::testing::HasSubstr("branch patterns"));
}

TEST_F(PullRequestTest, OfAForkIsBuiltWithoutSecretsTokenAndDeployCommand) {
  const model::Trigger t = trigger(model::ForkBuilds::without_secrets);
  ASSERT_TRUE(
      store_.triggers.upsert_variables(t.uuid, {{"PLAIN", "1", false, 0}, {"KEY", "s3cret", true, 0}}, 9));
  const Taken taken = take(t, news(true));
  ASSERT_EQ(taken.builds.size(), 1U);
  EXPECT_EQ(taken.builds[0].branch, "eve:main");
  const model::Build build = stored(t, taken.builds[0].build);
  EXPECT_EQ(build.metadata.source, model::TriggerSource::pull_request);
  EXPECT_EQ(build.metadata.commit_message, "The commit's own words");
  EXPECT_TRUE(build.pull_request);
  ASSERT_TRUE(build.metadata.build_token_uuid) << "readers expect a UUID";
  EXPECT_NE(build.metadata.build_token_uuid, t.build_token_uuid);
  const Result<std::optional<model::JobSpec>> job = queue_.claim("r");
  ASSERT_TRUE(job && *job);
  EXPECT_TRUE((*job)->restricted);
  EXPECT_EQ((*job)->deploy_command, "");
  EXPECT_EQ((*job)->api_token, "");
  EXPECT_FALSE((*job)->build_token_missing);
  ASSERT_EQ((*job)->environment.size(), 1U);
  EXPECT_EQ((*job)->environment[0].name, "PLAIN");
}

TEST_F(PullRequestTest, OfAForkWaitsForApprovalOfEachCommitWhereATriggerWantsIt) {
  const model::Trigger t = trigger(model::ForkBuilds::approve);
  ASSERT_TRUE(store_.triggers.upsert_variables(t.uuid, {{"KEY", "s3cret", true, 0}}, 9));
  const Uuid first = take(t, news(true)).builds.at(0).build;
  EXPECT_EQ(stored(t, first).status, model::BuildStatus::queued);
  EXPECT_FALSE(*queue_.claim("r"));
  model::PullRequestEvent newer = news(true, "d2");
  newer.head_commit = std::string(40, '3');
  const Uuid second = take(t, newer).builds.at(0).build;
  EXPECT_EQ(stored(t, first).outcome, model::BuildOutcome::skipped);
  EXPECT_EQ(queue_.approve(t.account_id, first, "Ada").error().code, Errc::conflict);
  EXPECT_FALSE(*queue_.claim("r"));
  ASSERT_TRUE(queue_.approve(t.account_id, second, "Ada"));
  const auto job = *queue_.claim("r");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->build_uuid, second);
  EXPECT_TRUE(job->restricted && job->environment.empty() && job->api_token.empty());
}

TEST_F(PullRequestTest, OfAForkEndsWhatWaitsWhenItIsClosed) {
  const model::Trigger t = trigger(model::ForkBuilds::approve);
  const Uuid waiting = take(t, news(true)).builds.at(0).build;
  model::PullRequestEvent closed = news(true, "d2");
  closed.open = closed.new_commits = false;
  take(t, closed);
  EXPECT_EQ(stored(t, waiting).outcome, model::BuildOutcome::cancelled);
  EXPECT_EQ(store_.builds.log(waiting, "", 9'999)->lines.back().text,
            "Build was cancelled: pull request 7 was closed.");
}

TEST_F(PullRequestTest, OfAForkIsNotBuiltByTheBeginningOfACommit) {
  const model::Trigger t = trigger(model::ForkBuilds::without_secrets);
  model::PullRequestEvent cut = news(true);
  cut.head_commit = kHead.substr(0, 12);
  EXPECT_TRUE(take(t, cut).builds.empty());
}

TEST_F(PullRequestTest, IsNotedOnABuildAlsoWhereItsHostCutsTheCommit) {
  const model::Trigger t = trigger(model::ForkBuilds::never);
  const Uuid build = push(t, "main", "p1").builds.at(0).build;
  model::PullRequestEvent cut = news(false);
  cut.head_commit = kHead.substr(0, 12);
  take(t, cut);
  EXPECT_TRUE(stored(t, build).pull_request);
}

TEST_F(PullRequestTest, OfAForkThatATriggerTrustsIsBuiltLikeAPush) {
  const model::Trigger t = trigger(model::ForkBuilds::with_secrets);
  take(t, news(true));
  const Result<std::optional<model::JobSpec>> job = queue_.claim("r");
  ASSERT_TRUE(job && *job);
  EXPECT_FALSE((*job)->restricted);
  EXPECT_EQ((*job)->deploy_command, t.deploy_command);
  EXPECT_NE((*job)->api_token, "");
}

TEST_F(PullRequestTest, OfAForkCannotPassForABranchOfTheRepository) {
  const model::Trigger t = trigger(model::ForkBuilds::with_secrets, {"main"});
  EXPECT_TRUE(take(t, news(true)).builds.empty());
}

TEST_F(PullRequestTest, IsTakenInOnceAndOnlyForNewCommits) {
  const model::Trigger t = trigger(model::ForkBuilds::without_secrets);
  EXPECT_EQ(take(t, news(true)).builds.size(), 1U);
  EXPECT_TRUE(take(t, news(true)).duplicate);
  model::PullRequestEvent edited = news(true, "d2");
  edited.new_commits = false;
  EXPECT_TRUE(take(t, edited).builds.empty());
  model::PullRequestEvent gone = news(true, "d3");
  gone.head_owner.clear();
  EXPECT_TRUE(take(t, gone).builds.empty());
}

TEST_F(PullRequestTest, OfAForkIsJudgedAgainWhenNewerNewsOvertakeItAtAnotherServer) {
  const model::Trigger builds = trigger(model::ForkBuilds::without_secrets);
  model::PullRequestEvent newer = news(true, "newer");
  newer.head_commit = std::string(40, '3');
  newer.updated_on = 3'000;
  Queue elsewhere(stores_of(store_), hub_, store_.clock, store_.entropy, Settings{});
  bool overtaken = false;
  const Result<Taken> late =
      queue_.take_pull_request(builds.connection, news(true, "late"), nullptr, [&](const std::string&) {
        if (!std::exchange(overtaken, true)) {
          EXPECT_EQ(take_at(elsewhere, builds, newer).builds.size(), 1U);
        }
        return Result<Queue::CommitText>(Queue::CommitText{});
      });
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->builds.empty());
  EXPECT_EQ(late->notes.back(), "pull request 7: newer news of it are here already");
}

TEST_F(PullRequestTest, OfAForkThatTwoHooksTellOfIsBuiltOnce) {
  const model::Trigger builds = trigger(model::ForkBuilds::without_secrets);
  EXPECT_EQ(take(builds, news(true, "app")).builds.size(), 1U);
  EXPECT_TRUE(take(builds, news(true, "hook")).builds.empty());
  model::PullRequestEvent closed = news(true, "closed");
  closed.open = closed.new_commits = false;
  take(builds, closed);
  EXPECT_EQ(take(builds, news(true, "opened again")).builds.size(), 1U);
}

TEST_F(PullRequestTest, BuildsNoForkWhoseBranchGitItselfCouldMisread) {
  const model::Trigger everything = trigger(model::ForkBuilds::without_secrets);
  for (const char* name : {"--upload-pack=id", "../main", "a b"}) {
    model::PullRequestEvent strange = news(true, std::string("d-") + name);
    strange.head_branch = name;
    const Taken taken = take(everything, strange);
    EXPECT_TRUE(taken.builds.empty()) << name;
    EXPECT_NE(taken.notes.at(0).find("the branch name "), std::string::npos) << taken.notes.at(0);
  }
}

}  // namespace
}  // namespace kiln::queue
