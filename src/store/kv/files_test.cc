#include "store/kv/files.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::store::kv {
namespace {

using Names = std::vector<std::string>;

struct KvFiles : ::testing::Test {
  testing::TempDir folder;
  testing::FakeClock clock;
  Files files{folder.path(), clock, {.open = 2}};

  KvFiles() { EXPECT_TRUE(files.make("aa")); }

  Status put(const std::string& name, const std::string& value, std::optional<TimeMs> expires_on = {},
             const std::string& metadata = "", const std::string& space = "aa") {
    return files.put(space, {{{name, metadata, expires_on}, value}});
  }
  std::optional<std::string> get(const std::string& name, const std::string& space = "aa") {
    const auto found = files.get(space, {name});
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    if (!found || !found->front()) return std::nullopt;
    return found->front()->value;
  }
  Names names(const KvListing& listing) {
    const Result<KvKeys> found = files.list("aa", listing);
    EXPECT_TRUE(found);
    Names out;
    for (const KvKey& key : found->keys) out.push_back(key.name);
    if (!found->complete) out.emplace_back("…");
    return out;
  }
};

TEST_F(KvFiles, KeepWhatIsWrittenByteForByte) {
  const std::string bytes("\0\xff\n\x80", 4);
  ASSERT_TRUE(put("a/../b\n", bytes, {}, R"({"a":1})"));
  EXPECT_EQ(get("a/../b\n"), bytes);
  EXPECT_EQ(files.get("aa", {"a/../b\n"})->front()->key.metadata, R"({"a":1})");
  ASSERT_TRUE(put("a/../b\n", ""));
  EXPECT_EQ(get("a/../b\n"), "");
  EXPECT_EQ(files.get("aa", {"a/../b\n"})->front()->key.metadata, "") << "replaced with the value";
  ASSERT_TRUE(files.remove("aa", {"a/../b\n", "none"}));
  EXPECT_EQ(get("a/../b\n"), std::nullopt);
}

TEST_F(KvFiles, AreReadAgainAfterARestart) {
  ASSERT_TRUE(put("k", "v"));
  Files again(folder.path(), clock, {});
  EXPECT_EQ(again.get("aa", {"k"})->front()->value, "v");
  EXPECT_EQ(*again.spaces(), Names{"aa"});
}

TEST_F(KvFiles, DoNotReadWhatHasExpiredAndSweepItAway) {
  ASSERT_TRUE(put("soon", "1", clock.now() + 1'000));
  ASSERT_TRUE(put("late", "2", clock.now() + 9'000));
  ASSERT_TRUE(put("ever", "3"));
  clock.advance(1'000);
  EXPECT_EQ(get("soon"), std::nullopt);
  EXPECT_EQ(names({"", "", 10}), (Names{"ever", "late"}));
  EXPECT_EQ(files.size("aa")->keys, 2);
  ASSERT_TRUE(files.sweep());
  clock.advance(-1'000);
  EXPECT_EQ(get("soon"), std::nullopt) << "it is gone, not hidden";
  EXPECT_EQ(get("late"), "2");
}

TEST_F(KvFiles, ListByPrefixInTheOrderOfBytesAPieceAtATime) {
  for (const char* name : {"b", "a/1", "a/2", "a0", "a", "é", "a/\xf4\x8f\xbf\xbf"})
    ASSERT_TRUE(put(name, "v"));
  EXPECT_EQ(names({"a/", "", 10}), (Names{"a/1", "a/2", "a/\xf4\x8f\xbf\xbf"}));
  EXPECT_EQ(names({"", "", 3}), (Names{"a", "a/1", "a/2", "…"}));
  EXPECT_EQ(names({"", "a/2", 3}), (Names{"a/\xf4\x8f\xbf\xbf", "a0", "b", "…"}));
  EXPECT_EQ(names({"", "b", 3}), Names{"é"});
  EXPECT_EQ(names({"a/", "a/2", 1}), Names{"a/\xf4\x8f\xbf\xbf"});
  EXPECT_EQ(names({"\xff", "", 3}), Names{});
}

TEST_F(KvFiles, KnowNothingOfEachOther) {
  ASSERT_TRUE(files.make("bb"));
  ASSERT_TRUE(put("k", "a"));
  EXPECT_EQ(get("k", "bb"), std::nullopt);
  ASSERT_TRUE(files.drop("aa"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "aa.db"));
  const auto gone = files.get("aa", {"k"});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::kv_namespace_not_found);
  EXPECT_FALSE(put("k", "a")) << "a write makes no space";
  EXPECT_TRUE(files.drop("aa"));
}

TEST_F(KvFiles, AreClosedWhenManyAreUsedAndOpenedAgain) {
  for (const char* space : {"b0", "b1", "b2", "b3"}) {
    ASSERT_TRUE(files.make(space));
    ASSERT_TRUE(put("k", space, {}, "", space));
  }
  for (const char* space : {"b0", "b1", "b2", "b3"}) EXPECT_EQ(get("k", space), space);
}

TEST_F(KvFiles, HaveNamesThatLeadNowhereElse) {
  for (const char* space : {"", "../aa", "a/b", ".hidden", "AA", "a\nb"}) {
    EXPECT_FALSE(files.make(space)) << space;
    EXPECT_FALSE(files.get(space, {"k"})) << space;
  }
}

TEST_F(KvFiles, WriteAllOrNone) {
  ASSERT_TRUE(files.put("aa", {{{"a", "", {}}, "1"}, {{"b", "", {}}, "2"}}));
  Files small(folder.path(), clock, {.open = 2, .bytes = 64 << 10});
  const Status full = small.put("aa", {{{"a", "", {}}, "new"}, {{"c", "", {}}, std::string(1 << 20, 'x')}});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::disk_full);
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("c"), std::nullopt);
  EXPECT_TRUE(small.put("aa", {{{"a", "", {}}, "new"}})) << "what fits goes on";
}

TEST_F(KvFiles, TakeWritesOfManyThreads) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) EXPECT_TRUE(put(std::to_string(thread * kEach + i), "v"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files.size("aa")->keys, kThreads * kEach);
}

}  // namespace
}  // namespace kiln::store::kv
