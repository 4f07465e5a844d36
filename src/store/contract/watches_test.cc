#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Watches : public Contract {
 protected:
  const model::Trigger trigger_ = t.add_trigger();
  const Uuid connection_ = trigger_.connection.uuid;

  void end_look(const LookEnd& end) { ASSERT_TRUE(t.watches.end_look(connection_, end)); }

  void deliver(const std::string& branch, const std::string& commit) {
    Intake intake;
    intake.delivery.emplace();
    intake.delivery->uuid = t.entropy.uuid();
    intake.delivery->account_id = trigger_.account_id;
    intake.delivery->connection = connection_;
    intake.delivery->received_on = t.clock.now();
    intake.delivery->refs = {{"refs/heads/" + branch, branch, "", commit}};
    ASSERT_TRUE(t.queue.enqueue(intake));
  }
};

TEST_P(Watches, AreOfEachRepositoryThatATriggerBuilds) {
  const model::RepoConnection idle = t.add_connection(trigger_.account_id, "idle");
  const auto all = t.watches.watched();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().connection.uuid, connection_);
  EXPECT_FALSE(all->front().heads_known);
  EXPECT_EQ(all->front().poll_seconds, 0);
  EXPECT_TRUE(t.watches.watch(idle.uuid));
  EXPECT_EQ(t.watches.watch(t.entropy.uuid()).error().code, Errc::not_found);
}

TEST_P(Watches, KeepWhatWasSeenAndHowItWent) {
  ASSERT_TRUE(t.watches.set_poll(connection_, 60, true));
  EXPECT_TRUE(t.watches.watch(connection_)->build_first);
  end_look({10, 20, "it hangs", {}});
  end_look({30, 50, "it still hangs", {}});
  EXPECT_EQ(t.watches.watch(connection_)->failures, 2);
  EXPECT_EQ(t.watches.watch(connection_)->problem, "it still hangs");
  EXPECT_FALSE(t.watches.watch(connection_)->heads_known);
  end_look({70, 90, "", Heads{{"main", "c1"}, {"old", "c0"}}});
  end_look({80, 95, "", Heads{{"main", "c2"}}});
  const Watched now = *t.watches.watch(connection_);
  EXPECT_EQ(std::tuple(now.poll_seconds, now.looked_on, now.next_on, now.failures, now.problem),
            std::tuple(60, 80, 95, 0, ""));
  EXPECT_TRUE(now.heads_known);
  EXPECT_FALSE(now.build_first) << "that was of the first look";
  EXPECT_EQ(*t.watches.seen(connection_), (Heads{{"main", "c2"}}));
  end_look({85, 99, "", {}});
  EXPECT_EQ(*t.watches.seen(connection_), (Heads{{"main", "c2"}}));
}

TEST_P(Watches, KnowWhatDeliveriesHaveToldSinceAMoment) {
  deliver("main", "c1");
  deliver("old", "c1");
  t.clock.advance(1'000);
  const TimeMs since = t.clock.now();
  deliver("main", "c2");
  t.clock.advance(1'000);
  deliver("main", "c3");
  deliver("gone", "");
  const model::RepoConnection other = t.add_connection(trigger_.account_id, "else");
  EXPECT_EQ(*t.watches.judged_since(trigger_.connection, since), (Heads{{"main", "c3"}, {"gone", ""}}));
  EXPECT_EQ(*t.watches.judged_since(other, since), Heads{});
}

TEST_P(Watches, BuildNothingFirstOnceHeadsAreKnown) {
  end_look({10, 20, "", Heads{{"main", "c1"}}});
  ASSERT_TRUE(t.watches.set_poll(connection_, 5, true));
  EXPECT_FALSE(t.watches.watch(connection_)->build_first);
  EXPECT_EQ(t.watches.watch(connection_)->next_on, 0) << "the new interval counts from now";
  EXPECT_EQ(*t.watches.seen(connection_), (Heads{{"main", "c1"}}));
}

TEST_P(Watches, KnowTheLastThatWasToldOfABranchOfThisRepositoryAlone) {
  EXPECT_FALSE(*t.watches.last_judged(trigger_.connection, "main"));
  deliver("main", "c1");
  t.clock.advance(5);
  deliver("main", "c2");
  deliver("other", "c3");
  const auto last = *t.watches.last_judged(trigger_.connection, "main");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->commit, "c2");
  EXPECT_EQ(last->received_on, t.clock.now());
  EXPECT_FALSE(*t.watches.last_judged(t.add_connection(trigger_.account_id, "else"), "main"));
}

TEST_P(Watches, KnowWhatWasBuiltByHand) {
  const model::Build build = t.add_build(trigger_);
  const std::string commit = build.metadata.commit_hash;
  EXPECT_TRUE(*t.watches.was_built(trigger_.connection, "main", commit));
  EXPECT_FALSE(*t.watches.was_built(trigger_.connection, "other", commit));
  EXPECT_FALSE(*t.watches.was_built(trigger_.connection, "main", "c9"));
}

KILN_CONTRACT(Watches);

}  // namespace
}  // namespace kiln::store::contract
