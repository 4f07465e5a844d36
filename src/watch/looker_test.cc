// Looks over a real store and queue, with a clock that a test moves and a host that it plays.
#include "watch/looker.h"

#include <gmock/gmock.h>

#include "queue/queue_for_test.h"

namespace kiln::watch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string hash_of(int number) {
  std::string digits = std::to_string(number);
  return std::string(40 - digits.size(), 'a') + digits;
}

class FakeHost final : public GitDoor {
 public:
  Result<store::Heads> heads(const model::RepoConnection&) override {
    ++asked;
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    if (problem) return tl::unexpected<Error>(*problem);
    return now;
  }
  Result<queue::Queue::CommitText> commit(const model::RepoConnection&, const std::string&,
                                          const std::string& hash) override {
    if (during_fetch) std::exchange(during_fetch, nullptr)();
    if (lost == hash) return fail(Errc::unavailable, "the host has hung up");
    return queue::Queue::CommitText{"Ada", "Commit " + hash + marker};
  }
  model::ChangedFiles changed_files(const model::RepoConnection&, const model::PushEvent&) override {
    return {true, {"a"}, 1};
  }
  Result<bool> is_ancestor(const model::RepoConnection&, const std::string& commit,
                           const std::string&) override {
    return commit == older;
  }

  store::Heads now = {{"main", hash_of(1)}};
  std::optional<Error> problem;
  std::string lost;    // a commit that cannot be had
  std::string older;   // a commit that every other stands on
  std::string marker;  // behind every message
  std::function<void()> meanwhile;
  std::function<void()> during_fetch;
  int asked = 0;
};

constexpr TimeMs kCatchUp = 300'000;

class Looks : public queue::QueueTest {
 protected:
  // The first look: what stands there is seen.
  void SetUp() override {
    trigger_ = store_.add_trigger();
    look();
  }

  std::optional<TimeMs> look() {
    store_.clock.advance(1'000);
    return looker_.look(trigger_.connection.uuid);
  }
  // As often as it takes for a hook to be given up.
  void look_patiently() {
    look();
    store_.clock.advance(kHookPatienceMs);
    look();
  }
  void poll(bool build_first = false) {
    ASSERT_TRUE(store_.watches.set_poll(trigger_.connection.uuid, 60, build_first));
  }
  void hook(const std::string& branch, const std::string& commit) {
    model::PushEvent push = push_to(branch, "hook " + commit);
    push.after = commit;
    take(trigger_, push);
  }
  // "main@aa1 queued", the newest first.
  std::vector<std::string> built() {
    std::vector<std::string> out;
    const auto all = store_.builds.builds_of_account(trigger_.account_id, {});
    for (const auto& view : all->items)
      out.push_back(view.build.metadata.branch + "@" + view.build.metadata.commit_hash.substr(37));
    return out;
  }
  model::Delivery newest() { return store_.deliveries.deliveries(trigger_.account_id, {}, {})->items.at(0); }
  std::size_t deliveries() { return store_.deliveries.deliveries(trigger_.account_id, {}, {})->items.size(); }
  store::Watched watched() { return *store_.watches.watch(trigger_.connection.uuid); }

  using Names = std::vector<std::string>;
  model::Trigger trigger_;
  FakeHost host_;
  Looker looker_{{store_.watches, store_.triggers, queue_, host_, store_.clock, store_.entropy}, kCatchUp};
};

TEST_F(Looks, TakeWhatStandsThereAtTheConnectingAsSeen) {
  EXPECT_TRUE(watched().heads_known);
  look_patiently();
  EXPECT_TRUE(built().empty());
  EXPECT_EQ(deliveries(), 0U);
}

TEST_F(Looks, BuildWhatAPolledBranchHasMovedToAndKeepItAsADelivery) {
  poll();
  host_.now["main"] = hash_of(2);
  look();
  EXPECT_EQ(built(), Names{"main@aa2"});
  const model::Delivery kept = newest();
  EXPECT_EQ(kept.origin.provider, "poll");
  EXPECT_EQ(kept.origin.event, "poll");
  EXPECT_EQ(kept.origin.signature, model::SignatureResult::asked);
  EXPECT_EQ(kept.refs,
            (std::vector<model::DeliveryRef>{{"refs/heads/main", "main", hash_of(1), hash_of(2)}}));
  look();
  EXPECT_EQ(built().size(), 1U) << "once";
}

TEST_F(Looks, BuildACommitThatABranchComesBackTo) {
  poll();
  for (const int number : {2, 1, 2}) {
    host_.now["main"] = hash_of(number);
    look();
  }
  EXPECT_EQ(built(), (Names{"main@aa2", "main@aa1", "main@aa2"}));
}

TEST_F(Looks, ReadSkipMarkersInTheMessage) {
  poll();
  host_.marker = " [skip ci]";
  host_.now["main"] = hash_of(2);
  look();
  ASSERT_EQ(newest().verdicts.size(), 1U);
  EXPECT_EQ(newest().verdicts[0].decision, model::Decision::skipped);
}

TEST_F(Looks, TellOfABranchThatIsGone) {
  poll();
  host_.now["feature"] = hash_of(5);
  look();
  host_.now.erase("feature");
  look();
  EXPECT_EQ(newest().refs.at(0), (model::DeliveryRef{"refs/heads/feature", "feature", hash_of(5), ""}));
}

TEST_F(Looks, LeaveWhatAHookHasTold) {
  host_.now["main"] = hash_of(2);
  hook("main", hash_of(2));
  look_patiently();
  EXPECT_EQ(built().size(), 1U);
  EXPECT_EQ((*store_.watches.seen(trigger_.connection.uuid))["main"], hash_of(2));
}

TEST_F(Looks, CatchUpOnceWhatNoHookHasToldAndSayItInTheLog) {
  host_.now["main"] = hash_of(2);
  const TimeMs before = store_.clock.now();
  const auto next = look();
  EXPECT_TRUE(built().empty()) << "its hook may be on the way";
  EXPECT_LE(*next - before, kHookPatienceMs + 1'000) << "and is not waited for five minutes";
  store_.clock.advance(kHookPatienceMs);
  look();
  look_patiently();
  EXPECT_EQ(built(), Names{"main@aa2"});
  EXPECT_EQ(newest().origin.event, "catch_up");
  const auto lines = store_.builds.log(*newest().verdicts.at(0).build, "", 10)->lines;
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0].text, "Caught up: no delivery of this push arrived.");
}

TEST_F(Looks, PassOverAHookThatComesAfterItsPushWasCaughtUp) {
  host_.now["main"] = hash_of(2);
  look_patiently();
  hook("main", hash_of(2));
  EXPECT_EQ(built().size(), 1U);
  EXPECT_THAT(newest().verdicts.at(0).rule, HasSubstr("asking the host"));
  hook("main", hash_of(3));
  hook("main", hash_of(2));
  EXPECT_EQ(built().size(), 3U) << "a branch that comes back is news";
}

TEST_F(Looks, CatchUpAPushOfWhichOnlyItsPullRequestWasTold) {
  model::PullRequestEvent news;
  news.provider = "github";
  news.delivery_id = "its own";
  news.number = 8;
  news.new_commits = true;
  news.head_owner = "acme";
  news.head_branch = "main";
  news.head_commit = hash_of(2);
  ASSERT_TRUE(queue_.take_pull_request(trigger_.connection, news, nullptr, nullptr));
  host_.now["main"] = hash_of(2);
  look_patiently();
  EXPECT_EQ(built(), Names{"main@aa2"});
}

TEST_F(Looks, TakeAForksBranchForNoneOfTheRepository) {
  model::PullRequestEvent news;
  news.provider = "github";
  news.delivery_id = "fork";
  news.number = 7;
  news.from_fork = news.new_commits = true;
  news.head_owner = "eve";
  news.head_branch = "evil";
  news.head_commit = hash_of(9);
  ASSERT_TRUE(queue_.take_pull_request(trigger_.connection, news, nullptr, [](const std::string&) {
    return Result<queue::Queue::CommitText>(queue::Queue::CommitText{});
  }));
  const Uuid told = newest().uuid;
  look_patiently();
  look_patiently();
  EXPECT_EQ(newest().uuid, told) << "nothing else is told of it, least of all that it is gone";
}

TEST_F(Looks, CatchUpNothingThatNoTriggerTakes) {
  host_.now["feature"] = hash_of(2);
  look_patiently();
  EXPECT_EQ(deliveries(), 0U);
}

TEST_F(Looks, CatchUpNothingThatWasBuiltByHand) {
  queue::Queue::Manual manual;
  manual.branch = "main";
  manual.commit_hash = hash_of(2);
  ASSERT_TRUE(queue_.build_now(trigger_, manual));
  host_.now["main"] = hash_of(2);
  look_patiently();
  EXPECT_EQ(built().size(), 1U);
}

TEST_F(Looks, NeverCatchUpWithACommitBehindTheLastOneJudged) {
  hook("main", hash_of(9));
  host_.now["main"] = host_.older = hash_of(2);
  look_patiently();
  EXPECT_EQ(built(), Names{"main@aa9"});
  EXPECT_THAT(newest().notes.at(0), HasSubstr("which is older than"));
  look_patiently();
  EXPECT_EQ(deliveries(), 2U) << "said once";
}

TEST_F(Looks, NoticeABranchThatWentOnAndBackBetweenTwoLooks) {
  hook("main", hash_of(9));
  host_.older = hash_of(1);  // where the last look saw it
  look_patiently();
  EXPECT_EQ(built(), Names{"main@aa9"});
  EXPECT_THAT(newest().notes.at(0), HasSubstr("which is older than"));
  look_patiently();
  EXPECT_EQ(deliveries(), 2U) << "said once";
}

TEST_F(Looks, NoticeItAlsoAfterALookThatFailed) {
  hook("main", hash_of(9));
  host_.older = hash_of(1);
  host_.problem = Error{Errc::unavailable, "it hangs", {}};
  look();
  host_.problem.reset();
  look_patiently();
  EXPECT_THAT(newest().notes, ElementsAre(HasSubstr("which is older than")));
}

TEST_F(Looks, LetAHookThatComesDuringTheLookHaveTheLastWord) {
  poll();
  host_.now["main"] = hash_of(2);
  host_.meanwhile = [this] { hook("main", hash_of(3)); };
  look();
  EXPECT_EQ(built(), Names{"main@aa3"}) << "the host's answer was the older";
  host_.now["main"] = hash_of(3);
  look();
  EXPECT_EQ(built(), Names{"main@aa3"});
}

TEST_F(Looks, BuildNothingThatAHookTellsOfWhileItIsFetched) {
  poll();
  host_.now["main"] = hash_of(2);
  host_.during_fetch = [this] { hook("main", hash_of(2)); };
  look();
  EXPECT_EQ(built(), Names{"main@aa2"});
  look();
  EXPECT_EQ(built(), Names{"main@aa2"});
  EXPECT_EQ((*store_.watches.seen(trigger_.connection.uuid))["main"], hash_of(2));
}

TEST_F(Looks, BuildTheProductionBranchFirstWhenAsked) {
  trigger_ = store_.add_trigger(store_.add_worker(trigger_.account_id, "other"));
  poll(true);
  host_.now["feature"] = hash_of(7);
  look();
  EXPECT_EQ(built(), Names{"main@aa1"});
  look();
  EXPECT_EQ(built().size(), 1U);
}

TEST_F(Looks, CatchUpWhatHasMovedSinceItWasToldOfBeforeThereWereLooks) {
  trigger_ = store_.add_trigger(store_.add_worker(trigger_.account_id, "other"));
  hook("main", hash_of(1));
  host_.now["main"] = hash_of(2);
  look();
  look_patiently();
  EXPECT_EQ(built(), (Names{"main@aa2", "main@aa1"}));
}

TEST_F(Looks, AskAFailingHostLessAndLessAndSayWhy) {
  host_.problem = Error{Errc::unavailable, "it hangs", {}};
  const TimeMs first = *look() - store_.clock.now();
  const TimeMs second = *look() - store_.clock.now();
  EXPECT_GT(first, kCatchUp * 3 / 2);
  EXPECT_GT(second, first * 3 / 2);
  EXPECT_EQ(watched().problem, "it hangs");
  EXPECT_EQ(watched().failures, 2);
  host_.problem.reset();
  EXPECT_LT(*look() - store_.clock.now(), kCatchUp * 3 / 2);
  EXPECT_EQ(watched().problem, "");
}

TEST_F(Looks, OfOneBranchThatCannotBeHadTakeTheOthersAndComeBack) {
  poll();
  trigger_.branch_includes = {"*"};
  ASSERT_TRUE(store_.triggers.update_trigger(trigger_));
  host_.now = {{"bad", hash_of(6)}, {"main", hash_of(2)}};
  host_.lost = hash_of(6);
  look();
  EXPECT_EQ(built(), Names{"main@aa2"});
  EXPECT_EQ(watched().problem, "the host has hung up");
  host_.lost.clear();
  look();
  EXPECT_EQ(built(), (Names{"bad@aa6", "main@aa2"}));
}

TEST_F(Looks, RepeatNothingWhenOneWasCutShortBeforeItsEnd) {
  poll();
  host_.now["main"] = hash_of(2);
  look();
  // As if the server had been killed before what was seen was kept.
  ASSERT_TRUE(
      store_.watches.end_look(trigger_.connection.uuid, {1, 2, "", store::Heads{{"main", hash_of(1)}}}));
  look();
  EXPECT_EQ(built(), Names{"main@aa2"});
}

TEST_F(Looks, EndWithTheirConnection) {
  EXPECT_FALSE(looker_.look(store_.entropy.uuid()));
}

}  // namespace
}  // namespace kiln::watch
