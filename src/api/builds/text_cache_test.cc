#include "api/builds/text_cache.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "testing/fake_entropy.h"

namespace kiln::api::builds {
namespace {

class TextCacheTest : public ::testing::Test {
 protected:
  std::optional<std::string> found(TextCache& cache, const Uuid& id, std::uint64_t generation = 1) {
    const auto found = cache.find(id, account_, generation);
    if (!found) return std::nullopt;
    EXPECT_EQ(found->text.digest, http::digest_of(found->text.json.view()));
    return std::string(found->text.json.view());
  }
  Text put(TextCache& cache, const Uuid& id, const std::string& text, std::uint64_t generation = 1) {
    return cache.put(id, account_, generation, text, Uuid{});
  }

  testing::FakeEntropy entropy_;
  const std::string account_ = std::string(32, 'a');
};

TEST_F(TextCacheTest, DropsWhatWasNotAskedForLately) {
  TextCache cache(40);
  const Uuid kept = entropy_.uuid();
  const Uuid forgotten = entropy_.uuid();
  put(cache, kept, "0123456789");
  put(cache, forgotten, "0123456789");
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(found(cache, kept)) << i;
    put(cache, entropy_.uuid(), "9876543210");
  }
  EXPECT_EQ(found(cache, kept), "0123456789");
  EXPECT_FALSE(found(cache, forgotten));
}

TEST_F(TextCacheTest, FindsEachOfManyTextsOfAllSizes) {
  TextCache cache(64U << 20U);
  std::vector<Uuid> ids;
  for (std::size_t i = 0; i < 3'000; ++i) {
    ids.push_back(entropy_.uuid());
    put(cache, ids.back(), std::string(1 + i * 7, static_cast<char>('a' + i % 26)));
  }
  std::size_t at = 0;
  cache.find(ids, account_, 1, [&](const Uuid& id, const std::optional<TextCache::Found>& found) {
    EXPECT_EQ(id, ids[at]);
    ASSERT_TRUE(found) << at;
    EXPECT_EQ(found->text.json.view(), std::string(1 + at * 7, static_cast<char>('a' + at % 26)));
    ++at;
  });
  EXPECT_EQ(at, ids.size());
  EXPECT_FALSE(found(cache, entropy_.uuid()));
}

TEST_F(TextCacheTest, IsOfOneAccountAndOneGeneration) {
  TextCache cache(1U << 20U);
  const Uuid id = entropy_.uuid();
  const Uuid trigger = entropy_.uuid();
  (void)cache.put(id, account_, 1, "as it was", trigger);
  EXPECT_EQ(cache.find(id, account_, 1)->trigger, trigger);
  EXPECT_FALSE(cache.find(id, std::string(32, 'b'), 1));
  EXPECT_FALSE(found(cache, id, 2));
  put(cache, id, "as it is now", 2);
  EXPECT_EQ(found(cache, id, 2), "as it is now");
  (void)cache.put(entropy_.uuid(), std::string(32, 'b'), 2, "another's", trigger);
  EXPECT_FALSE(cache.find(id, std::string(32, 'b'), 2));
}

TEST_F(TextCacheTest, WhatWasHandedOutOutlivesTheCache) {
  std::optional<TextCache> cache(1'000);
  const Text first = put(*cache, entropy_.uuid(), "the first");
  for (int i = 0; i < 100; ++i) put(*cache, entropy_.uuid(), std::string(500, 'x'));
  EXPECT_EQ(first.json.view(), "the first");
  cache.reset();
  EXPECT_EQ(first.json.view(), "the first");
}

TEST_F(TextCacheTest, DoesNotKeepATextOfUnusualSize) {
  TextCache cache(64U << 20U);
  const Uuid large = entropy_.uuid();
  const Uuid largest = entropy_.uuid();
  put(cache, large, std::string(TextArena::kLargestText, 'x'));
  EXPECT_EQ(found(cache, large), std::string(TextArena::kLargestText, 'x'));
  const Text text = put(cache, largest, std::string(TextArena::kLargestText + 1, 'x'));
  EXPECT_EQ(text.json.size, TextArena::kLargestText + 1);
  EXPECT_FALSE(found(cache, largest));
}

}  // namespace
}  // namespace kiln::api::builds
