// What every store must do with the names of KV namespaces.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct KvNamespaces : Contract {
  model::Account account = t.add_account();

  Status add(const std::string& id, const std::string& title) {
    return t.kv_namespaces.add({id, account.id, title, t.clock.now()});
  }

  std::vector<std::string> titles(Page page, KvOrder order, bool descending = false) {
    const auto found = t.kv_namespaces.namespaces(account.id, page, order, descending);
    EXPECT_TRUE(found);
    std::vector<std::string> out;
    for (const model::KvNamespace& space : found->items) out.push_back(space.title);
    return out;
  }
};

TEST_P(KvNamespaces, AreListedByIdOrTitleInPages) {
  ASSERT_TRUE(add("b1", "middle"));
  ASSERT_TRUE(add("c1", "first"));
  ASSERT_TRUE(add("a1", "second"));
  using Titles = std::vector<std::string>;
  EXPECT_EQ(titles({1, 50}, KvOrder::id), (Titles{"second", "middle", "first"}));
  EXPECT_EQ(titles({1, 50}, KvOrder::id, true), (Titles{"first", "middle", "second"}));
  EXPECT_EQ(titles({1, 2}, KvOrder::title), (Titles{"first", "middle"}));
  EXPECT_EQ(titles({2, 2}, KvOrder::title), (Titles{"second"}));
  EXPECT_EQ(titles({1, 1}, KvOrder::title, true), (Titles{"second"}));
  EXPECT_EQ(t.kv_namespaces.namespaces(account.id, {2, 2}, KvOrder::title, false)->total, 3U);
}

TEST_P(KvNamespaces, HaveATitleThatTheirAccountHasOnce) {
  ASSERT_TRUE(add("a1", "sessions"));
  ASSERT_TRUE(add("b1", "cache"));
  const Status again = add("c1", "sessions");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_NE(again.error().message.find("a1"), std::string::npos) << "says which: " << again.error().message;
  EXPECT_FALSE(t.kv_namespaces.rename(account.id, "b1", "sessions"));
  EXPECT_TRUE(t.kv_namespaces.rename(account.id, "a1", "sessions")) << "its own";
  EXPECT_TRUE(t.kv_namespaces.rename(account.id, "a1", "others"));
  EXPECT_EQ(t.kv_namespaces.find(account.id, "a1")->title, "others");
  const model::Account other = t.add_account("other");
  EXPECT_TRUE(t.kv_namespaces.add({"d1", other.id, "cache", 0}));
}

TEST_P(KvNamespaces, AreNobodyElses) {
  ASSERT_TRUE(add("a1", "sessions"));
  const model::Account other = t.add_account("other");
  const auto code = [](const auto& result) { return result ? Errc::internal : result.error().code; };
  EXPECT_EQ(code(t.kv_namespaces.find(other.id, "a1")), Errc::kv_namespace_not_found);
  EXPECT_EQ(code(t.kv_namespaces.rename(other.id, "a1", "x")), Errc::kv_namespace_not_found);
  EXPECT_EQ(code(t.kv_namespaces.remove(other.id, "a1")), Errc::kv_namespace_not_found);
  EXPECT_EQ(t.kv_namespaces.namespaces(other.id, {1, 50}, KvOrder::id, false)->total, 0U);
  ASSERT_TRUE(t.kv_namespaces.remove(account.id, "a1"));
  EXPECT_EQ(code(t.kv_namespaces.find(account.id, "a1")), Errc::kv_namespace_not_found);
  ASSERT_TRUE(t.kv_namespaces.add({"b1", other.id, "cache", 0}));
  EXPECT_EQ(*t.kv_namespaces.all_ids(), std::set<std::string>{"b1"}) << "of every account";
}

KILN_CONTRACT(KvNamespaces);

}  // namespace
}  // namespace kiln::store::contract
