// Snapshots of a store, what becomes of one that is put back, and whether a store is whole.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Snapshots : public Contract {};

TEST_P(Snapshots, AreOfOneMomentWhileOthersWrite) {
  const model::Trigger trigger = t.add_trigger();
  for (int i = 0; i < 50; ++i) t.add_build(trigger, "main");
  std::atomic<bool> stop{false};
  std::atomic<int> written{0};
  std::thread writer([&] {
    while (!stop) {
      Intake intake;
      intake.builds = {t.make_build(trigger, "main")};
      (void)t.queue.enqueue(intake);
      ++written;
    }
  });
  while (written < 5) std::this_thread::yield();
  const std::filesystem::path file = t.folder.path() / "snapshot";
  const Status made = t.snapshots.write_snapshot(file, [] { return true; });
  stop = true;
  writer.join();
  ASSERT_TRUE(made) << made.error().message;
  const auto facts = t.snapshots.read_snapshot(file);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_GT(facts->schema, 0);
  EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
}

TEST_P(Snapshots, LeaveNothingWhenTheyAreStopped) {
  const std::filesystem::path file = t.folder.path() / "snapshot";
  const Status made = t.snapshots.write_snapshot(file, [] { return false; });
  // A small store is copied before anybody is asked.
  if (!made) {
    EXPECT_EQ(made.error().code, Errc::timeout);
    EXPECT_FALSE(std::filesystem::exists(file));
  }
}

TEST_P(Snapshots, PutBackRunNothingOfWhatTheOriginalRan) {
  const model::Trigger trigger = t.add_trigger();
  const Uuid running = t.add_build(trigger, "a").uuid;
  t.claim_next(t.make_claim());
  const Uuid queued = t.add_build(trigger, "b").uuid;
  EXPECT_FALSE(t.outbox.waiting(10)->empty());
  const auto settled = t.snapshots.settle_restored("It was restored.");
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_EQ(settled->builds_closed, 2);
  EXPECT_GT(settled->reports_dropped, 0);
  EXPECT_TRUE(t.outbox.waiting(10)->empty());
  EXPECT_FALSE(t.queue.claim(t.make_claim())->claimed);
  for (const Uuid& build : {running, queued}) {
    const model::Build closed = t.builds.build(trigger.account_id, build)->build;
    EXPECT_EQ(closed.status, model::BuildStatus::stopped);
    EXPECT_EQ(closed.outcome, model::BuildOutcome::terminated);
    EXPECT_EQ(t.builds.log(build, "", 1 << 20)->lines.back().text, "It was restored.");
  }
  EXPECT_EQ(t.snapshots.settle_restored("again")->builds_closed, 0);
}

class Checks : public Contract {};

TEST_P(Checks, FindNothingInAStoreThatWasUsed) {
  const model::Trigger trigger = t.add_trigger();
  t.add_build(trigger);
  t.claim_next(t.make_claim());
  EXPECT_TRUE(t.checks.damage([] { return true; })->empty());
  EXPECT_TRUE(t.checks.loose_ends(false)->empty());
  EXPECT_EQ(*t.checks.forgotten_leases(), 0);
  t.clock.advance(3'600'000);
  EXPECT_EQ(*t.checks.forgotten_leases(), 1) << "no server took it back";
}

KILN_CONTRACT(Snapshots);
KILN_CONTRACT(Checks);

}  // namespace
}  // namespace kiln::store::contract
