#include "read_cache/text_cache.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "testing/fake_entropy.h"

namespace kiln::read_cache {
namespace {

class TextCacheTest : public ::testing::Test {
 protected:
  std::optional<std::string> found(TextCache& cache, const Uuid& id) { return found(cache, id, account_); }
  std::optional<std::string> found(TextCache& cache, const Uuid& id, const std::string& account) {
    std::optional<std::string> text;
    Owners owners;
    cache.find(std::span(&id, 1), account, owners, [&](const Uuid&, const std::optional<KeptText>& found) {
      if (!found) return;
      text = found->json;
      EXPECT_EQ(found->digest, http::digest_of(found->json));
    });
    return text;
  }
  std::string_view put(TextCache& cache, const Uuid& id, std::string_view text) {
    return cache.put(id, account_, changed_.count(), kept(text), owners_).json;
  }

  static KeptText kept(std::string_view text, const Uuid& trigger = {}) {
    return {text, http::digest_of(text), trigger};
  }

  testing::FakeEntropy entropy_;
  store::ChangedBuilds changed_;
  Owners owners_;  // of what was put
  const std::string account_ = std::string(32, 'a');
};

TEST_F(TextCacheTest, DropsWhatWasNotAskedForLately) {
  TextCache cache(256, changed_);
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
  TextCache cache(64U << 20U, changed_);
  std::vector<Uuid> ids;
  for (std::size_t i = 0; i < 3'000; ++i) {
    ids.push_back(entropy_.uuid());
    put(cache, ids.back(), std::string(1 + i * 7, static_cast<char>('a' + i % 26)));
  }
  std::size_t at = 0;
  cache.find(ids, account_, owners_, [&](const Uuid& id, const std::optional<KeptText>& found) {
    EXPECT_EQ(id, ids[at]);
    ASSERT_TRUE(found) << at;
    EXPECT_EQ(found->json, std::string(1 + at * 7, static_cast<char>('a' + at % 26)));
    ++at;
  });
  EXPECT_EQ(at, ids.size());
  EXPECT_FALSE(found(cache, entropy_.uuid()));
}

TEST_F(TextCacheTest, IsOfOneAccount) {
  TextCache cache(1U << 20U, changed_);
  const std::string another(32, 'b');
  const Uuid id = entropy_.uuid();
  put(cache, id, "one's");
  EXPECT_FALSE(found(cache, id, another));
  (void)cache.put(entropy_.uuid(), another, 0, kept("another's"), owners_);
  EXPECT_FALSE(found(cache, id, another));
  EXPECT_EQ(found(cache, id), "one's");
}

TEST_F(TextCacheTest, DropsABuildThatChangedAndNoOther) {
  TextCache cache(256, changed_);
  const std::vector<Uuid> ids = {entropy_.uuid(), entropy_.uuid()};
  for (const Uuid& id : ids) put(cache, id, "as it was");
  put(cache, entropy_.uuid(), std::string(128, 'x'));      // fills the younger half
  for (const Uuid& id : ids) put(cache, id, "as it was");  // in both halves now
  changed_.take(changed_.count() + 1, std::span(ids).first(1));
  EXPECT_FALSE(found(cache, ids[0]));
  EXPECT_EQ(found(cache, ids[1]), "as it was");
  put(cache, ids[0], "as it is now");
  EXPECT_EQ(found(cache, ids[0]), "as it is now");
}

TEST_F(TextCacheTest, DropsAllWhenItMissedTooManyChanges) {
  TextCache cache(1U << 20U, changed_);
  const Uuid id = entropy_.uuid();
  put(cache, id, "as it was");
  for (std::size_t i = 0; i <= store::ChangedBuilds::kRemembered; ++i)
    changed_.take(changed_.count() + 1, std::vector{entropy_.uuid()});
  EXPECT_FALSE(found(cache, id));
  put(cache, id, "as it is now");
  EXPECT_EQ(found(cache, id), "as it is now");
}

TEST_F(TextCacheTest, DoesNotKeepWhatWasReadBeforeAChange) {
  TextCache cache(1U << 20U, changed_);
  const Uuid id = entropy_.uuid();
  const std::uint64_t as_of = changed_.count();
  changed_.take(changed_.count() + 1, std::vector{id});
  EXPECT_EQ(cache.put(id, account_, as_of, kept("as it was"), owners_).json, "as it was");
  EXPECT_FALSE(found(cache, id));
}

TEST_F(TextCacheTest, KnowsTheTriggerOfAText) {
  TextCache cache(1U << 20U, changed_);
  const Uuid id = entropy_.uuid();
  const Uuid trigger = entropy_.uuid();
  EXPECT_EQ(cache.put(id, account_, 0, kept("text", trigger), owners_).trigger, trigger);
  cache.find(std::span(&id, 1), account_, owners_, [&](const Uuid&, const std::optional<KeptText>& found) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->trigger, trigger);
  });
}

TEST_F(TextCacheTest, WhatWasHandedOutOutlivesTheCache) {
  std::optional<TextCache> cache(std::in_place, 1'000, changed_);
  const std::string_view first = put(*cache, entropy_.uuid(), "the first");
  for (int i = 0; i < 100; ++i) put(*cache, entropy_.uuid(), std::string(500, 'x'));
  EXPECT_EQ(first, "the first");
  cache.reset();
  EXPECT_EQ(first, "the first");
}

// Each that is found moves from the older half to the younger, which drops the older one, and so on.
TEST_F(TextCacheTest, WhatOneCallFindsStaysThoughTheHalvesChangeMeanwhile) {
  TextCache cache(256, changed_);
  std::vector<Uuid> ids;
  for (const char c : {'a', 'b', 'c', 'd'}) {
    ids.push_back(entropy_.uuid());
    put(cache, ids.back(), std::string(10, c));
  }
  owners_.clear();
  std::vector<std::string_view> texts;
  for (int again = 0; again < 3; ++again) {
    cache.find(ids, account_, owners_, [&](const Uuid&, const std::optional<KeptText>& found) {
      if (found) texts.push_back(found->json);
    });
  }
  EXPECT_GE(texts.size(), 6U);
  for (const std::string_view text : texts) EXPECT_EQ(text, std::string(10, text.front()));
}

TEST_F(TextCacheTest, DoesNotKeepATextOfUnusualSize) {
  TextCache cache(64U << 20U, changed_);
  const Uuid large = entropy_.uuid();
  const Uuid largest = entropy_.uuid();
  put(cache, large, std::string(TextArena::kLargestText, 'x'));
  EXPECT_EQ(found(cache, large), std::string(TextArena::kLargestText, 'x'));
  EXPECT_EQ(put(cache, largest, std::string(TextArena::kLargestText + 1, 'x')).size(),
            TextArena::kLargestText + 1);
  EXPECT_FALSE(found(cache, largest));
}

}  // namespace
}  // namespace kiln::read_cache
