#include <gtest/gtest.h>

#include "base/hex.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Events : Contract {
  model::Trigger trigger = t.add_trigger();
  std::string account = trigger.account_id;

  std::int64_t last() { return *t.events.last_event(); }
};

TEST_P(Events, TellOfBuildsThatAreMadeAndMove) {
  const std::int64_t before = last();
  const Uuid build = t.add_build(trigger).uuid;
  const ClaimRequest request = t.make_claim();
  (void)t.claim_next(request);
  ASSERT_TRUE(t.queue.finish(build, request.lease_id, model::BuildOutcome::success));
  const AccountEvents events = *t.events.events_after(account, before);
  ASSERT_EQ(events.items.size(), 3U);
  for (const AccountEvent& event : events.items) {
    EXPECT_EQ(event.kind, AccountEvent::Kind::build);
    EXPECT_EQ(event.subject, to_hex(build.raw()));
  }
  EXPECT_EQ(events.items.back().number, events.last);
  EXPECT_FALSE(events.gap);
}

TEST_P(Events, OfOtherAccountsAreNotTold) {
  const std::int64_t before = last();
  (void)t.add_build(trigger);
  const AccountEvents events = *t.events.events_after("0123456789abcdef0123456789abcdef", before);
  EXPECT_TRUE(events.items.empty());
  EXPECT_EQ(events.last, last()) << "so that the next look begins behind them";
}

TEST_P(Events, ThatCameOutOfAnotherDatabaseAreAGap) {
  EXPECT_TRUE(t.events.events_after(account, last() + 1)->gap);
  EXPECT_FALSE(t.events.events_after(account, last())->gap);
}

TEST_P(Events, ThatAreTooManyAreAGap) {
  constexpr auto most = static_cast<std::int64_t>(kMostMissedEvents);
  const std::int64_t first = last();
  for (int i = 0; last() - first <= most; ++i) (void)t.add_build(trigger, "branch-" + std::to_string(i));
  EXPECT_EQ(t.events.events_after(account, last() - most)->items.size(), kMostMissedEvents);
  const AccountEvents more = *t.events.events_after(account, last() - most - 1);
  EXPECT_TRUE(more.gap);
  EXPECT_TRUE(more.items.empty());
}

KILN_CONTRACT(Events);

}  // namespace
}  // namespace kiln::store::contract
