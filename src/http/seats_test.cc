#include "http/seats.h"

#include <gtest/gtest.h>

#include <vector>

namespace kiln::http {
namespace {

using SeatPtr = std::unique_ptr<Seats::Seat>;

class SeatsTest : public ::testing::Test {
 protected:
  // A connection of that peer, waited for from now on. It notes its name when it is told to leave.
  SeatPtr wait(const std::string& peer, const std::string& name) {
    SeatPtr seat = seats_.take(peer);
    if (seat == nullptr) return seat;
    seat->on_leave([this, name] { left_.push_back(name); });
    seat->waits();
    return seat;
  }

  Seats seats_{{4, 2}};
  std::vector<std::string> left_;
};

using Names = std::vector<std::string>;

TEST_F(SeatsTest, TheStrangerWhoIsWaitedForLongestGivesWay) {
  const SeatPtr a = wait("1", "a");
  const SeatPtr b = wait("2", "b");
  const SeatPtr c = wait("3", "c");
  const SeatPtr d = wait("4", "d");
  a->works();
  a->waits();
  EXPECT_NE(wait("5", "e"), nullptr);
  EXPECT_EQ(left_, Names{"b"});
  EXPECT_EQ(seats_.taken(), 3U) << "the fifth has left by itself";
}

TEST_F(SeatsTest, APeerOverItsShareLosesOnlyItsOwn) {
  const SeatPtr other = wait("2", "other");
  const SeatPtr a = wait("1", "a");
  const SeatPtr b = wait("1", "b");
  const SeatPtr c = wait("1", "c");
  EXPECT_EQ(left_, Names{"a"});
  b->works();
  c->works();
  EXPECT_EQ(wait("1", "d"), nullptr) << "both are at work";
  EXPECT_NE(wait("2", "e"), nullptr);
}

TEST_F(SeatsTest, TheKnownAreNoStrangersOfTheirPeerAndStayWhileThereAreOthers) {
  std::vector<SeatPtr> known;
  for (const char* name : {"a", "b", "c"}) {
    known.push_back(wait("1", name));
    known.back()->is_known();
  }
  const SeatPtr stranger = wait("1", "stranger");
  const SeatPtr next = wait("2", "next");
  EXPECT_EQ(left_, Names{"stranger"});
  next->works();
  const SeatPtr last = wait("3", "last");
  EXPECT_EQ(left_, (Names{"stranger", "a"})) << "idle, and nobody else to go";
}

TEST_F(SeatsTest, NobodyAtWorkIsToldToLeave) {
  std::vector<SeatPtr> busy;
  for (const char* peer : {"1", "2", "3", "4"}) busy.push_back(seats_.take(peer));
  EXPECT_EQ(seats_.take("5"), nullptr);
  EXPECT_TRUE(left_.empty());
  busy.pop_back();
  EXPECT_NE(seats_.take("5"), nullptr);
}

TEST_F(SeatsTest, AProxysConnectionsCountForWhomTheyAre) {
  std::vector<SeatPtr> proxied;
  for (const char* name : {"a", "b", "c"}) proxied.push_back(wait("", name));
  EXPECT_TRUE(left_.empty()) << "a proxy has no share";
  EXPECT_TRUE(proxied[0]->belongs_to("9"));
  EXPECT_TRUE(proxied[1]->belongs_to("9"));
  EXPECT_TRUE(proxied[2]->belongs_to("9"));
  EXPECT_EQ(left_, Names{"a"});
  proxied[1]->works();
  proxied[2]->works();
  const SeatPtr d = wait("", "d");
  EXPECT_FALSE(d->belongs_to("9"));
}

}  // namespace
}  // namespace kiln::http
