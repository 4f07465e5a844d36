#include "read_cache/text_table.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "testing/fake_entropy.h"

namespace kiln::read_cache {
namespace {

// In a table that is half full many stand behind others, which have to be found after those went.
TEST(TextTable, FindsWhatWasPutAndNotErased) {
  testing::FakeEntropy entropy;
  TextTable<std::uint32_t> table;
  std::map<Uuid, std::uint32_t> expected;
  std::vector<Uuid> ids;
  const auto check = [&] {
    for (const Uuid& id : ids) {
      const auto known = expected.find(id);
      ASSERT_EQ(table.find(id), known == expected.end() ? std::nullopt : std::optional(known->second));
    }
  };
  for (int round = 0; round < 5; ++round) {
    for (std::uint32_t i = 0; i < 700; ++i) {
      ids.push_back(entropy.uuid());
      table.put(ids.back(), i);
      expected[ids.back()] = i;
    }
    for (std::size_t i = static_cast<std::size_t>(round); i < ids.size(); i += 3) {
      table.erase(ids[i]);
      expected.erase(ids[i]);
    }
    check();
  }
  for (const Uuid& id : ids) table.erase(id);
  expected.clear();
  check();
}

TEST(TextTable, ErasingWhatIsNotThereChangesNothing) {
  testing::FakeEntropy entropy;
  TextTable<std::uint32_t> table;
  table.erase(entropy.uuid());
  const Uuid id = entropy.uuid();
  table.put(id, 7);
  table.erase(entropy.uuid());
  EXPECT_EQ(table.find(id), 7U);
}

}  // namespace
}  // namespace kiln::read_cache
