// What every store must do with the names of D1 databases.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct D1Databases : Contract {
  model::Account account = t.add_account();

  Status add(const Uuid& id, const std::string& name) {
    return t.d1_databases.add({id, account.id, name, t.clock.now()});
  }

  std::vector<std::string> names(Page page, const std::string& part = {}) {
    const auto found = t.d1_databases.databases(account.id, page, part);
    EXPECT_TRUE(found);
    std::vector<std::string> out;
    for (const model::D1Database& database : found->items) out.push_back(database.name);
    return out;
  }
};

const Uuid kOne = *Uuid::parse("11111111-1111-4111-8111-111111111111");
const Uuid kTwo = *Uuid::parse("22222222-2222-4222-8222-222222222222");
const Uuid kThree = *Uuid::parse("33333333-3333-4333-8333-333333333333");

TEST_P(D1Databases, AreListedByNameInPages) {
  ASSERT_TRUE(add(kOne, "shop-db"));
  ASSERT_TRUE(add(kTwo, "blog"));
  ASSERT_TRUE(add(kThree, "shop-log"));
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({1, 50}), (Names{"blog", "shop-db", "shop-log"}));
  EXPECT_EQ(names({2, 2}), (Names{"shop-log"}));
  EXPECT_EQ(names({1, 50}, "shop"), (Names{"shop-db", "shop-log"}));
  EXPECT_EQ(t.d1_databases.databases(account.id, {1, 1}, "shop")->total, 2U);
}

TEST_P(D1Databases, AreFoundByIdOrName) {
  ASSERT_TRUE(add(kOne, "shop-db"));
  EXPECT_EQ(t.d1_databases.find(account.id, kOne.str())->name, "shop-db");
  EXPECT_EQ(t.d1_databases.find(account.id, "shop-db")->id, kOne);
  ASSERT_TRUE(add(kTwo, kThree.str())) << "a name that looks like an id";
  EXPECT_EQ(t.d1_databases.find(account.id, kThree.str())->id, kTwo);
  EXPECT_EQ(t.d1_databases.find(account.id, "blog").error().code, Errc::not_found);
}

TEST_P(D1Databases, HaveANameThatTheirAccountHasOnce) {
  ASSERT_TRUE(add(kOne, "shop-db"));
  const Status again = add(kTwo, "shop-db");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_NE(again.error().message.find(kOne.str()), std::string::npos) << again.error().message;
  const model::Account other = t.add_account("other");
  EXPECT_TRUE(t.d1_databases.add({kTwo, other.id, "shop-db", 0}));
}

TEST_P(D1Databases, AreNobodyElses) {
  ASSERT_TRUE(add(kOne, "shop-db"));
  const model::Account other = t.add_account("other");
  EXPECT_EQ(t.d1_databases.find(other.id, kOne.str()).error().code, Errc::not_found);
  EXPECT_EQ(t.d1_databases.remove(other.id, kOne).error().code, Errc::not_found);
  EXPECT_EQ(t.d1_databases.databases(other.id, {1, 50}, "")->total, 0U);
  EXPECT_TRUE(*t.d1_databases.has(kOne));
  ASSERT_TRUE(t.d1_databases.add({kTwo, other.id, "shop-db", 0}));
  EXPECT_EQ(*t.d1_databases.all_ids(), (std::set<std::string>{kOne.str(), kTwo.str()})) << "of every account";
  ASSERT_TRUE(t.d1_databases.remove(account.id, kOne));
  EXPECT_FALSE(*t.d1_databases.has(kOne));
}

KILN_CONTRACT(D1Databases);

}  // namespace
}  // namespace kiln::store::contract
