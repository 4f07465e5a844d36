#include "runner/cache/archive_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "runner/cache/archive_names.h"
#include "runner/cache/keeper.h"
#include "runner/server/fake_server_for_test.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using model::CacheTrust;

Uuid trigger(char digit) {
  return *Uuid::parse(std::string(8, digit) + "-1111-4111-8111-111111111111");
}

class ArchiveStoreTest : public ::testing::Test {
 protected:
  ArchiveStoreTest() { EXPECT_TRUE(store_.open()); }

  static CachePlace place(CacheTrust trust, std::int64_t epoch = 0, char which = 'a') {
    return {"0123456789abcdef", trigger(which), epoch, trust};
  }
  Status save(const CachePlace& where, const std::string& bytes,
              const std::string& kind = "dependencies-npm") {
    const ArchiveName name{kind, "c0ffee", 1};
    auto archive = store_.begin(where, name);
    if (!archive) return tl::unexpected<Error>(archive.error());
    (*archive)->append(bytes);
    return store_.commit(where, name, **archive);
  }
  // What a build of that place is lent, or "".
  std::string read(const CachePlace& where, const std::string& kind = "dependencies-npm") {
    const auto folder = store_.make_lending_folder("build-1");
    EXPECT_TRUE(folder);
    const auto lent = store_.lend(where, kind, *folder);
    std::string text;
    if (lent) text = read_file(*folder / kind, 1U << 20U).value_or("unreadable");
    store_.remove_lending_folder("build-1");
    return text;
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }

  testing::TempDir folder_;
  testing::FakeClock clock_;
  CacheLimits limits_{.keep_ms = 7'000, .bytes_per_worker = 10};
  ArchiveStore store_{clock_, folder_.path() / "cache", limits_};
};

TEST_F(ArchiveStoreTest, WhoReadsWhat) {
  ASSERT_TRUE(save(place(CacheTrust::production), "main"));
  EXPECT_EQ(read(place(CacheTrust::production)), "main");
  EXPECT_EQ(read(place(CacheTrust::branch)), "main");
  EXPECT_EQ(read(place(CacheTrust::fork)), "");
  ASSERT_TRUE(save(place(CacheTrust::branch), "br"));
  ASSERT_TRUE(save(place(CacheTrust::fork), "fork"));
  EXPECT_EQ(read(place(CacheTrust::production)), "main");
  EXPECT_EQ(read(place(CacheTrust::branch)), "br");
  EXPECT_EQ(read(place(CacheTrust::fork)), "fork");
  EXPECT_EQ(read(place(CacheTrust::production, 0, 'b')), "");
  EXPECT_EQ(read(place(CacheTrust::production), "dependencies-bun1"), "");
}

TEST_F(ArchiveStoreTest, ASaveReplacesAndAnAbandonedOneLeavesNothing) {
  ASSERT_TRUE(save(place(CacheTrust::production), "one"));
  ASSERT_TRUE(save(place(CacheTrust::production), "two"));
  { auto archive = store_.begin(place(CacheTrust::production), {"dependencies-npm", "", 0}); }
  EXPECT_EQ(read(place(CacheTrust::production)), "two");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ArchiveStoreTest, KeptSomeDaysAfterTheLastRead) {
  ASSERT_TRUE(save(place(CacheTrust::production), "x"));
  clock_.advance(6'000);
  EXPECT_EQ(read(place(CacheTrust::production)), "x");
  clock_.advance(6'000);
  store_.sweep_old();
  EXPECT_EQ(read(place(CacheTrust::production)), "x");
  clock_.advance(7'000);
  EXPECT_EQ(read(place(CacheTrust::production)), "");
  store_.sweep_old();
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(store_.triggers(10).empty());
}

TEST_F(ArchiveStoreTest, BeyondTheLimitForksGoFirstThenTheLeastRecentlyRead) {
  ASSERT_TRUE(save(place(CacheTrust::production), "1234"));
  clock_.advance(1);
  ASSERT_TRUE(save(place(CacheTrust::branch), "12"));
  clock_.advance(1);
  ASSERT_TRUE(save(place(CacheTrust::fork), "1234"));
  clock_.advance(1);
  ASSERT_TRUE(save(place(CacheTrust::branch), "1", "output"));
  EXPECT_EQ(read(place(CacheTrust::fork)), "");
  clock_.advance(1);
  EXPECT_EQ(read(place(CacheTrust::production)), "1234");
  ASSERT_TRUE(save(place(CacheTrust::production), "12345", "output"));
  EXPECT_EQ(read(place(CacheTrust::production)), "1234");
  EXPECT_EQ(read(place(CacheTrust::production), "output"), "12345");
  EXPECT_EQ(store_.lend(place(CacheTrust::branch), "dependencies-npm", folder_.path())->own_level, false);
}

TEST_F(ArchiveStoreTest, OneLargerThanTheLimitIsNotTaken) {
  const Status saved = save(place(CacheTrust::production), "12345678901");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Errc::too_large);
  EXPECT_EQ(files(), 0U);
}

TEST_F(ArchiveStoreTest, APurgeIsAnotherEpochAndWhatIsOlderIsSwept) {
  fakes::Server server;
  const auto client = server.make();
  ASSERT_TRUE(save(place(CacheTrust::production), "a"));
  ASSERT_TRUE(save(place(CacheTrust::production, 0, 'b'), "b"));
  ASSERT_TRUE(save(place(CacheTrust::production, 2, 'c'), "c"));
  EXPECT_EQ(read(place(CacheTrust::production, 1)), "");
  server.epochs = {{trigger('a'), 1}, {trigger('c'), 2}};  // b's trigger was deleted
  CacheKeeper::look(store_, *client);
  EXPECT_EQ(store_.triggers(10), std::vector<Uuid>{trigger('c')});
  EXPECT_EQ(read(place(CacheTrust::production, 2, 'c')), "c");
}

TEST_F(ArchiveStoreTest, ASilentServerPurgesNothing) {
  fakes::Server server;
  server.failures_left = 1;
  ASSERT_TRUE(save(place(CacheTrust::production), "a"));
  CacheKeeper::look(store_, *server.make());
  EXPECT_EQ(read(place(CacheTrust::production)), "a");
}

TEST_F(ArchiveStoreTest, AKilledRunnersHalvesAreSweptAtTheStart) {
  ASSERT_TRUE(save(place(CacheTrust::production), "a"));
  const fs::path level = folder_.path() / "cache" / worker_folder_of(place(CacheTrust::production)) /
                         folder_name_of(place(CacheTrust::production)) / "production";
  std::ofstream(level / ".part-1") << "half";
  ASSERT_TRUE(store_.make_lending_folder("left-behind"));
  ArchiveStore next(clock_, folder_.path() / "cache", limits_);
  ASSERT_TRUE(next.open());
  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(fs::is_empty(folder_.path() / "cache" / ".lent"));
}

TEST(ArchiveNames, AreReadBackAndHostileTagsAreHashed) {
  const ArchiveName name{"output-astro-node22-00ff", "", 3};
  const auto back = parse_file_name(file_name_of(name));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->kind, name.kind);
  EXPECT_EQ(back->generation, 3);
  EXPECT_FALSE(parse_file_name("a~b~c.tar.zst"));
  EXPECT_FALSE(parse_file_name(".part-3"));
  EXPECT_EQ(parse_folder_name(trigger('a').str() + "-12")->second, 12);
  EXPECT_EQ(worker_folder_of({"../../etc", trigger('a'), 0, CacheTrust::fork}).string().size(), 64U);
}

TEST_F(ArchiveStoreTest, WhatIsMissedLeastIsGivenUpFirstAndNothingThatIsBeingRead) {
  ASSERT_TRUE(save(place(CacheTrust::production), "1"));
  clock_.advance(1'000);
  ASSERT_TRUE(save(place(CacheTrust::production, 0, 'b'), "2"));
  clock_.advance(1'000);
  ASSERT_TRUE(save(place(CacheTrust::fork, 0, 'c'), "3"));
  EXPECT_TRUE(store_.give_up_one());
  EXPECT_EQ(read(place(CacheTrust::fork, 0, 'c')), "") << "a fork's first, however new";
  const auto folder = store_.make_lending_folder("reading");
  ASSERT_TRUE(folder && store_.lend(place(CacheTrust::production), "dependencies-npm", *folder));
  EXPECT_TRUE(store_.give_up_one());
  EXPECT_EQ(read(place(CacheTrust::production, 0, 'b')), "");
  EXPECT_FALSE(store_.give_up_one()) << "only what a build is reading is left";
  store_.remove_lending_folder("reading");
  EXPECT_TRUE(store_.give_up_one());
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace kiln::runner
