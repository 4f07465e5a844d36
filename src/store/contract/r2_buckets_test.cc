// What every store must do with the names of R2 buckets.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct R2Buckets : Contract {
  model::Account account = t.add_account();

  Status add(const std::string& name, const std::string& account_id) {
    return t.r2_buckets.add(
        {model::r2_bucket_id(account_id, name), account_id, name, "Standard", t.clock.now()});
  }
  Status add(const std::string& name) { return add(name, account.id); }

  std::vector<std::string> names(const R2BucketStore::Listing& listing) {
    const auto found = t.r2_buckets.buckets(account.id, listing);
    EXPECT_TRUE(found);
    std::vector<std::string> out;
    for (const model::R2Bucket& bucket : *found) out.push_back(bucket.name);
    return out;
  }
};

TEST_P(R2Buckets, AreListedByNameInPages) {
  for (const char* name : {"shop-media", "blog", "shop-cache"}) ASSERT_TRUE(add(name));
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"", "", 50}), (Names{"blog", "shop-cache", "shop-media"}));
  EXPECT_EQ(names({"shop", "", 50}), (Names{"shop-cache", "shop-media"}));
  EXPECT_EQ(names({"", "blog", 1}), (Names{"shop-cache", "shop-media"}))
      << "one more says that there are more";
  EXPECT_EQ(names({"%", "", 50}), Names()) << "a part of a name is no pattern";
}

TEST_P(R2Buckets, HaveANameThatTheirAccountHasOnce) {
  ASSERT_TRUE(add("media"));
  const Status again = add("media");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_EQ(again.error().field, "name");
  EXPECT_TRUE(add("media", t.add_account("other").id));
}

TEST_P(R2Buckets, ChangeTheirStorageClass) {
  ASSERT_TRUE(add("media"));
  EXPECT_EQ(t.r2_buckets.find(account.id, "media")->storage_class, "Standard");
  ASSERT_TRUE(t.r2_buckets.set_storage_class(account.id, "media", "InfrequentAccess"));
  EXPECT_EQ(t.r2_buckets.find(account.id, "media")->storage_class, "InfrequentAccess");
  EXPECT_EQ(t.r2_buckets.set_storage_class(account.id, "none", "Standard").error().field, kNoR2Bucket);
}

TEST_P(R2Buckets, AreNobodyElses) {
  ASSERT_TRUE(add("media"));
  const model::Account other = t.add_account("other");
  const auto field = [](const auto& result) { return result ? "none" : result.error().field; };
  EXPECT_EQ(field(t.r2_buckets.find(other.id, "media")), kNoR2Bucket);
  EXPECT_EQ(field(t.r2_buckets.remove(other.id, "media")), kNoR2Bucket);
  ASSERT_TRUE(add("media", other.id));
  EXPECT_EQ(t.r2_buckets.all_ids()->size(), 2U) << "of every account";
  ASSERT_TRUE(t.r2_buckets.remove(account.id, "media"));
  EXPECT_EQ(field(t.r2_buckets.find(account.id, "media")), kNoR2Bucket);
  EXPECT_EQ(*t.r2_buckets.all_ids(), std::set<std::string>{model::r2_bucket_id(other.id, "media")});
}

KILN_CONTRACT(R2Buckets);

}  // namespace
}  // namespace kiln::store::contract
