#include "store/sqlite/version_numbers.h"

#include <gtest/gtest.h>

#include <vector>

#include "testing/fake_entropy.h"

namespace kiln::store::sqlite {
namespace {

TEST(VersionNumbers, FindsWhatWasPut) {
  VersionNumbers numbers(4'000);
  testing::FakeEntropy entropy;
  std::vector<Uuid> versions;
  for (std::int64_t i = 1; i <= 2'000; ++i) {
    versions.push_back(entropy.uuid());
    EXPECT_FALSE(numbers.find(versions.back()));
    numbers.put(versions.back(), i);
    EXPECT_EQ(numbers.find(versions.back()), i);
  }
  int kept = 0;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto found = numbers.find(versions[i]);
    if (!found) continue;
    EXPECT_EQ(*found, static_cast<std::int64_t>(i + 1));
    ++kept;
  }
  EXPECT_GT(kept, 1'900);
}

TEST(VersionNumbers, TheNewTakeThePlacesOfOthers) {
  VersionNumbers numbers(0);
  testing::FakeEntropy entropy;
  for (std::int64_t i = 1; i <= 5'000; ++i) {
    const Uuid version = entropy.uuid();
    numbers.put(version, i);
    ASSERT_EQ(numbers.find(version), i);
  }
}

TEST(VersionNumbers, TakeNoNumberThatDoesNotFit) {
  VersionNumbers numbers(10);
  testing::FakeEntropy entropy;
  const Uuid version = entropy.uuid();
  numbers.put(version, std::int64_t{1} << 32U);
  EXPECT_FALSE(numbers.find(version));
  numbers.put(version, (std::int64_t{1} << 32U) - 1);
  EXPECT_EQ(numbers.find(version), (std::int64_t{1} << 32U) - 1);
}

}  // namespace
}  // namespace kiln::store::sqlite
