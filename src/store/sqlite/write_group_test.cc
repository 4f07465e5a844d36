// Several threads' changes in one commit, and each one's fate its own.
#include "store/sqlite/write_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "store/sqlite/database.h"
#include "testing/temp_dir.h"

namespace kiln::store::sqlite {
namespace {

struct WriteGroupTest : ::testing::Test {
  testing::TempDir folder;
  Connection db{folder.path() / "x.db", false};
  int commits = 0;
  std::atomic<bool> holds{false};
  bool fails = false;
  WriteGroup group{db, [this](Transaction& transaction) {
                     if (fails) throw SqlError(SQLITE_FULL, "the disk is full");
                     transaction.commit();
                     ++commits;
                   }};

  WriteGroupTest() { db.execute("CREATE TABLE t (number INTEGER PRIMARY KEY)"); }

  static bool add(Connection& to, int number) {
    to.query("INSERT INTO t VALUES (?)").bind(number).run();
    return true;
  }
  // One that is under way until so many wait behind it.
  void hold(std::size_t behind) {
    group.run([&](Connection& to) {
      holds = true;
      while (group.waiting() < behind) std::this_thread::yield();
      return add(to, 0);
    });
  }
  std::vector<std::int64_t> numbers() {
    std::vector<std::int64_t> all;
    Query rows = db.query("SELECT number FROM t ORDER BY number");
    while (rows.step()) all.push_back(rows.integer(0));
    return all;
  }
};

TEST_F(WriteGroupTest, ThoseWhoComeWhileOneCommitsShareTheNext) {
  std::vector<std::thread> threads;
  threads.emplace_back([this] { hold(3); });
  while (!holds) std::this_thread::yield();
  for (int i = 1; i <= 3; ++i) {
    threads.emplace_back([this, i] { group.run([i](Connection& to) { return add(to, i); }); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_LE(commits, 3) << "four changes";
}

TEST_F(WriteGroupTest, OneThatFailsTakesNobodyAlong) {
  std::atomic<int> thrown{0};
  std::vector<std::thread> threads;
  threads.emplace_back([this] { hold(3); });
  while (!holds) std::this_thread::yield();
  threads.emplace_back([this] { group.run([](Connection& to) { return add(to, 1); }); });
  threads.emplace_back([this] {
    group.run([](Connection& to) { return !add(to, 2); });  // changes its mind
  });
  threads.emplace_back([this, &thrown] {
    try {
      group.run([](Connection& to) -> bool {
        add(to, 3);
        throw std::runtime_error("trouble");
      });
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(thrown, 1) << "told to the thread whose change it was";
}

TEST_F(WriteGroupTest, NobodyIsToldThatItIsKeptWhenTheCommitFails) {
  fails = true;
  EXPECT_THROW(group.run([](Connection& to) { return add(to, 1); }), SqlError);
  fails = false;
  EXPECT_TRUE(numbers().empty());
  group.run([](Connection& to) { return add(to, 2); });
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{2}));
}

}  // namespace
}  // namespace kiln::store::sqlite
