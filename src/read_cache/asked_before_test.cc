#include "read_cache/asked_before.h"

#include <gtest/gtest.h>

#include <random>

namespace kiln::read_cache {
namespace {

Uuid random_id(std::mt19937_64& random) {
  Uuid id;
  for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
  return id;
}

TEST(AskedBefore, KnowsWhatWasNoted) {
  std::mt19937_64 random(1);
  AskedBefore asked;
  std::vector<Uuid> ids;
  std::size_t taken_for_another = 0;
  for (int i = 0; i < 10'000; ++i) {
    ids.push_back(random_id(random));
    if (asked.note(ids.back())) ++taken_for_another;
  }
  EXPECT_LT(taken_for_another, 100U);
  for (const Uuid& id : ids) EXPECT_TRUE(asked.note(id));
}

TEST(AskedBefore, ForgetsWhenItIsFull) {
  std::mt19937_64 random(1);
  AskedBefore asked;
  const Uuid first = random_id(random);
  (void)asked.note(first);
  std::size_t fresh = 1;
  std::size_t taken_for_another = 0;
  while (fresh < AskedBefore::kNoted) ++(asked.note(random_id(random)) ? taken_for_another : fresh);
  EXPECT_LT(taken_for_another, AskedBefore::kNoted / 4);
  EXPECT_TRUE(asked.note(first));
  (void)asked.note(random_id(random));
  EXPECT_FALSE(asked.note(first));
}

}  // namespace
}  // namespace kiln::read_cache
