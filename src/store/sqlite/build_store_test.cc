#include <gtest/gtest.h>

#include "store/sqlite/build_rows.h"
#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

using testing::TestStore;

void upload(TestStore& t, const Uuid& version, const model::Build& build) {
  ASSERT_TRUE(t.database->write([&](Connection& db) -> Status {
    EXPECT_TRUE(map_version(db, {version}, build.uuid, t.clock.now()));
    return {};
  }));
}

std::vector<std::pair<Uuid, BuildRow>> by_versions(TestStore& t, const std::string& account,
                                                   const std::vector<Uuid>& ids) {
  Result<std::vector<std::pair<Uuid, BuildRow>>> found = t.builds.builds_by_versions(account, ids);
  EXPECT_TRUE(found) << found.error().message;
  return *std::move(found);
}

TEST(Builds, OfAnotherAccountAreNotThere) {
  TestStore t;
  const model::Build build = t.add_build(t.add_trigger());
  const std::string other = t.add_account("else").id;
  const Uuid version = t.entropy.uuid();
  upload(t, version, build);
  EXPECT_EQ(t.builds.build(other, build.uuid).error().code, Errc::not_found);
  EXPECT_TRUE(by_versions(t, other, {version}).empty());
  EXPECT_TRUE(t.builds.latest_builds(other, {build.worker_tag})->empty());
  EXPECT_EQ(t.builds.builds_of_worker(other, build.worker_tag, {}).error().code, Errc::not_found);
  EXPECT_TRUE(t.builds.builds_of_account(other, {})->items.empty());
}

TEST(BuildsByVersions, AnswersTheSameOnceAllVersionsAreKnown) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  const std::string other = t.add_account("else").id;
  std::vector<Uuid> versions;
  std::vector<Uuid> builds;
  for (int i = 0; i < 30; ++i) {
    const model::Build build = t.add_build(trigger, std::to_string(i));
    builds.push_back(build.uuid);
    versions.push_back(t.entropy.uuid());
    upload(t, versions.back(), build);
  }
  for (const bool known : {false, true}) {
    if (known) {
      ASSERT_TRUE(t.builds.learn_versions({}));
    }
    const auto found = by_versions(t, trigger.account_id, versions);
    ASSERT_EQ(found.size(), versions.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].first, versions[i]);
      EXPECT_EQ(found[i].second.build.uuid, builds[i]);
    }
    EXPECT_TRUE(by_versions(t, other, versions).empty());
  }
}

TEST(BuildsByVersions, ConfirmsWhatItRemembers) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  const model::Build one = t.add_build(trigger, "a");
  const model::Build two = t.add_build(trigger, "b");
  const Uuid of_one = t.entropy.uuid();
  upload(t, of_one, one);
  ASSERT_EQ(by_versions(t, trigger.account_id, {of_one}).size(), 1U);
  Uuid alike = of_one;  // the bytes that are remembered are the same, others are not
  alike.bytes[7] ^= 0xffU;
  EXPECT_TRUE(by_versions(t, trigger.account_id, {alike}).empty());
  upload(t, alike, two);
  const auto found = by_versions(t, trigger.account_id, {alike, of_one});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].second.build.uuid, two.uuid);
  EXPECT_EQ(found[1].second.build.uuid, one.uuid);
}

TEST(BuildsByVersions, AnswersEachKnownIdInOrder) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  const model::Build one = t.add_build(trigger, "a");
  const model::Build two = t.add_build(trigger, "b");
  const Uuid v1 = t.entropy.uuid();
  const Uuid v2 = t.entropy.uuid();
  const Uuid v3 = t.entropy.uuid();
  upload(t, v1, one);
  upload(t, v2, one);
  upload(t, v3, two);
  const auto found = by_versions(t, trigger.account_id, {v3, v2, t.entropy.uuid(), v1});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].first, v3);
  EXPECT_EQ(found[0].second.build.uuid, two.uuid);
  EXPECT_EQ(found[1].first, v2);
  EXPECT_EQ(found[1].second.build.uuid, one.uuid);
  EXPECT_EQ(found[2].first, v1);
  EXPECT_EQ(found[2].second.build.uuid, one.uuid);
  EXPECT_EQ(found[2].second.build.version_ids, (std::vector<Uuid>{v1, v2}));
  EXPECT_EQ(found[2].second.build.trigger_uuid, trigger.uuid);
}

}  // namespace
}  // namespace kiln::store::sqlite
