// Uploads of assets, and what Workers have of them.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Assets : public Contract {
 protected:
  Uuid open(const std::string& token_hash, bool previews_only = false) {
    const AssetSession session{
        t.entropy.uuid(), "hello", account_.id, previews_only, {{"/a", "aa", 1}, {"/b", "bb", 2}},
        {"aa", "bb"}};
    EXPECT_TRUE(t.assets.add_asset_session(session, token_hash, 1000));
    return session.id;
  }
  std::size_t known(const std::string& account_id, bool for_previews = false) {
    return t.assets.known_assets(account_id, "hello", {"aa", "bb"}, for_previews)->size();
  }
  static AssetBlob blob(const std::string& hash) { return {hash, "text/plain", std::string(64, hash[0]), 1}; }

  model::Account account_ = t.add_account();
  model::Worker worker_ = t.add_worker(account_.id, "hello");
};

TEST_P(Assets, ComeOneByOneUntilNoneIsMissing) {
  const Uuid session = open("token");
  EXPECT_EQ(*t.assets.add_assets(session, {blob("bb")}), std::vector<std::string>{"aa"});
  EXPECT_EQ((*t.assets.asset_session("token"))->missing, std::vector<std::string>{"aa"});
  EXPECT_TRUE(t.assets.add_assets(session, {blob("aa")})->empty());
  const auto stored = t.assets.asset_session("token");
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->manifest.size(), 2U);
  EXPECT_EQ((*stored)->worker_name, "hello");
  EXPECT_EQ(known(account_.id), 2U);
  EXPECT_EQ(known(t.add_account("else").id), 0U);
}

TEST_P(Assets, AreTakenOnlyByASessionThatIsThere) {
  open("token");
  EXPECT_FALSE(t.assets.asset_session("another").value());
  EXPECT_EQ(t.assets.add_assets(t.entropy.uuid(), {blob("aa")}).error().code, Errc::not_found);
  t.clock.advance(1001);
  EXPECT_FALSE(t.assets.asset_session("token").value()) << "it is over";
}

TEST_P(Assets, OfPreviewsOnlyAreNobodyElses) {
  ASSERT_TRUE(t.assets.add_assets(open("token", true), {blob("aa")}));
  EXPECT_EQ(known(account_.id), 0U);
  EXPECT_EQ(known(account_.id, true), 1U);
}

TEST_P(Assets, GoWithTheirWorker) {
  ASSERT_TRUE(t.assets.add_assets(open("token"), {blob("aa")}));
  ASSERT_TRUE(t.workers.delete_worker(account_.id, "hello", t.clock.now()));
  EXPECT_EQ(known(account_.id), 0U);
  EXPECT_FALSE(t.assets.asset_session("token").value());
}

KILN_CONTRACT(Assets);

}  // namespace
}  // namespace kiln::store::contract
