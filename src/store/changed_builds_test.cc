#include "store/changed_builds.h"

#include <gtest/gtest.h>

#include "testing/fake_entropy.h"

namespace kiln::store {
namespace {

TEST(ChangedBuilds, SayWhatCameSince) {
  testing::FakeEntropy entropy;
  ChangedBuilds changed;
  EXPECT_EQ(changed.since(0).ids, std::vector<Uuid>{});
  const std::vector<Uuid> first = {entropy.uuid(), entropy.uuid()};
  changed.take(changed.count() + std::size(first), first);
  const std::uint64_t seen = changed.count();
  EXPECT_EQ(changed.since(0).ids, first);
  EXPECT_EQ(changed.since(seen).ids, std::vector<Uuid>{});
  const std::vector<Uuid> second = {entropy.uuid()};
  changed.take(changed.count() + std::size(second), second);
  EXPECT_EQ(changed.since(seen).ids, second);
  EXPECT_EQ(changed.since(seen).count, changed.count());
}

TEST(ChangedBuilds, AreForgottenWhenThereAreTooMany) {
  testing::FakeEntropy entropy;
  ChangedBuilds changed;
  const Uuid first = entropy.uuid();
  changed.take(changed.count() + std::size(std::vector{first}), std::vector{first});
  std::vector<Uuid> many;
  while (many.size() < ChangedBuilds::kRemembered) many.push_back(entropy.uuid());
  changed.take(changed.count() + std::size(many), many);
  EXPECT_FALSE(changed.since(0).ids);
  EXPECT_EQ(changed.since(0).count, changed.count());
  EXPECT_EQ(changed.since(1).ids, many);
  many.push_back(entropy.uuid());
  changed.take(changed.count() + std::size(many), many);  // more at once than are remembered
  EXPECT_FALSE(changed.since(ChangedBuilds::kRemembered + 1).ids);
}

}  // namespace
}  // namespace kiln::store
