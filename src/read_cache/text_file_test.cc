#include "read_cache/text_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "testing/fake_entropy.h"
#include "testing/temp_dir.h"

namespace kiln::read_cache {
namespace {

class TextFileTest : public ::testing::Test {
 protected:
  std::optional<std::string> found(TextFile& file, const Uuid& id,
                                   const std::string& account = std::string(32, 'a')) {
    Owners owners;
    const auto found = file.find(std::span(&id, 1), account, owners);
    EXPECT_EQ(found.size(), 1U);
    if (!found[0]) return std::nullopt;
    EXPECT_EQ(found[0]->digest, http::digest_of(found[0]->json));
    EXPECT_EQ(found[0]->trigger, trigger_);
    return std::string(found[0]->json);
  }
  void put(TextFile& file, const Uuid& id, std::string_view text) {
    file.put(id, account_, changed_.count(), KeptText{text, http::digest_of(text), trigger_});
  }
  std::vector<Uuid> put_many(TextFile& file, std::size_t count, std::size_t size) {
    std::vector<Uuid> ids;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(entropy_.uuid());
      put(file, ids.back(), text_of(i, size));
    }
    return ids;
  }
  static std::string text_of(std::size_t number, std::size_t size) {
    std::string text = std::to_string(number) + ":";
    text.resize(size, static_cast<char>('a' + number % 26));
    return text;
  }

  testing::TempDir folder_;
  testing::FakeEntropy entropy_;
  store::ChangedBuilds changed_;
  const std::string account_ = std::string(32, 'a');
  const Uuid trigger_ = entropy_.uuid();
};

TEST_F(TextFileTest, FindsTextsInTheFileAndOnTheirWayThere) {
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  const std::vector<Uuid> ids = put_many(file, 1'000, 1'500);  // some of them not written yet
  Owners owners;
  const auto found = file.find(ids, account_, owners);
  ASSERT_EQ(found.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ASSERT_TRUE(found[i]) << i;
    EXPECT_EQ(found[i]->json, text_of(i, 1'500));
  }
  EXPECT_FALSE(this->found(file, entropy_.uuid()));
}

TEST_F(TextFileTest, LeavesNoNameInTheFolder) {
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  put_many(file, 1'000, 1'500);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(TextFileTest, IsOfOneAccount) {
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  const Uuid id = entropy_.uuid();
  put(file, id, "one's");
  file.put(entropy_.uuid(), std::string(32, 'b'), 0, KeptText{"another's", {}, trigger_});
  EXPECT_EQ(found(file, id), "one's");
  EXPECT_FALSE(found(file, id, std::string(32, 'b')));
  EXPECT_FALSE(found(file, id, std::string(32, 'c')));
}

TEST_F(TextFileTest, DropsABuildThatChangedAndNoOther) {
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  const std::vector<Uuid> ids = put_many(file, 300, 1'500);
  changed_.take(changed_.count() + 1, std::span(ids).first(1));
  changed_.take(changed_.count() + 1, std::span(ids).last(1));
  EXPECT_FALSE(found(file, ids.front()));
  EXPECT_FALSE(found(file, ids.back()));
  for (std::size_t i = 1; i + 1 < ids.size(); ++i) EXPECT_EQ(found(file, ids[i]), text_of(i, 1'500));
  put(file, ids.front(), "as it is now");
  EXPECT_EQ(found(file, ids.front()), "as it is now");
}

TEST_F(TextFileTest, DoesNotKeepWhatWasReadBeforeAChange) {
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  const Uuid id = entropy_.uuid();
  const std::uint64_t as_of = changed_.count();
  changed_.take(changed_.count() + 1, std::vector{id});
  file.put(id, account_, as_of, KeptText{"as it was", {}, trigger_});
  EXPECT_FALSE(found(file, id));
}

TEST_F(TextFileTest, DropsTheOldestWhenItIsFull) {
  constexpr std::uint64_t most = 4U << 20U;
  TextFile file(folder_.path(), most, changed_, 0);
  const std::vector<Uuid> ids = put_many(file, 5'000, 1'500);
  EXPECT_LE(file.bytes(), most);
  EXPECT_GT(file.bytes(), most / 3);
  EXPECT_FALSE(found(file, ids.front()));
  EXPECT_EQ(found(file, ids.back()), text_of(4'999, 1'500));
  EXPECT_EQ(found(file, ids[4'000]), text_of(4'000, 1'500));
}

TEST_F(TextFileTest, ReadersGoOnWhileOthersDropWhatTheyRead) {
  TextFile file(folder_.path(), 2U << 20U, changed_, 0);
  const std::vector<Uuid> ids = put_many(file, 1'000, 1'500);
  std::atomic<bool> over{false};
  std::atomic<std::size_t> read{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!over) {
        Owners owners;
        const auto found = file.find(ids, account_, owners);
        for (std::size_t at = 0; at < ids.size(); ++at) {
          if (!found[at]) continue;
          EXPECT_EQ(found[at]->json, text_of(at, 1'500));
          ++read;
        }
      }
    });
  }
  for (int again = 0; again < 10; ++again) {
    for (std::size_t at = 0; at < ids.size(); ++at) put(file, ids[at], text_of(at, 1'500));
    put_many(file, 1'000, 1'500);
  }
  over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(read, 0U);
}

TEST_F(TextFileTest, WhatWasHandedOutOutlivesTheFile) {
  std::optional<TextFile> file(std::in_place, folder_.path(), 64U << 20U, changed_, 0);
  const Uuid id = entropy_.uuid();
  put(*file, id, "a text");
  Owners owners;
  const auto found = file->find(std::span(&id, 1), account_, owners);
  file.reset();
  ASSERT_TRUE(found[0]);
  EXPECT_EQ(found[0]->json, "a text");
}

TEST_F(TextFileTest, KeepsNothingOfUnusualSizeAndNothingAtAllWhereItIsOff) {
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  const Uuid id = entropy_.uuid();
  put(file, id, std::string(TextFile::kLargestText + 1, 'x'));
  EXPECT_FALSE(found(file, id));
  put(file, id, std::string(TextFile::kLargestText, 'x'));
  EXPECT_EQ(found(file, id), std::string(TextFile::kLargestText, 'x'));
  TextFile off(folder_.path(), 0, changed_);
  put(off, id, "a text");
  EXPECT_FALSE(found(off, id));
  TextFile nowhere(folder_.path() / "not-there", 64U << 20U, changed_);
  put(nowhere, id, "a text");
  EXPECT_FALSE(found(nowhere, id));
}

// A disk that takes no more, by the limit of a file's size.
TEST_F(TextFileTest, KeepsNothingMoreWhereTheDiskIsFull) {
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1U << 20U;
  setrlimit(RLIMIT_FSIZE, &small);
  TextFile file(folder_.path(), 64U << 20U, changed_, 0);
  const std::vector<Uuid> ids = put_many(file, 2'000, 1'500);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(found(file, ids.front()));
  EXPECT_FALSE(found(file, ids.back()));
  EXPECT_EQ(file.bytes(), 0U);
  put(file, ids.front(), "again");
  EXPECT_FALSE(found(file, ids.front()));
}

TEST_F(TextFileTest, GivesItsRoomBackWhereOthersNeedIt) {
  TextFile file(folder_.path(), 64U << 20U, changed_, ~std::uint64_t{0});
  const std::vector<Uuid> ids = put_many(file, 100, 1'500);
  EXPECT_EQ(found(file, ids.front()), text_of(0, 1'500)) << "nothing had to be written yet";
  put_many(file, 100, 1'500);
  EXPECT_EQ(file.bytes(), 0U);
  EXPECT_FALSE(found(file, ids.front()));
}

}  // namespace
}  // namespace kiln::read_cache
