#include <gtest/gtest.h>

#include <algorithm>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Ids : public Contract {
 protected:
  std::vector<IdFound> found(const std::string& account, const std::string& beginning,
                             const std::vector<IdKind>& kinds, int most = 20) {
    return *t.ids.ids_that_begin(account, beginning, kinds, most);
  }
  static std::string digits(const Uuid& id) {
    std::string text = id.str();
    std::erase(text, '-');
    return text;
  }
};

TEST_P(Ids, AreFoundByTheirBeginningInTheirAccount) {
  const model::Trigger trigger = t.add_trigger();
  const model::Build build = t.add_build(trigger);
  const std::string name = t.workers.worker_by_tag(trigger.account_id, trigger.worker_tag)->name;
  for (const std::size_t length : {std::size_t{1}, std::size_t{5}, std::size_t{32}}) {
    const auto all = found(trigger.account_id, digits(build.uuid).substr(0, length), {IdKind::build});
    ASSERT_EQ(all.size(), 1U) << length;
    EXPECT_EQ(all[0].id, build.uuid);
    EXPECT_EQ(all[0].kind, IdKind::build);
    EXPECT_EQ(all[0].worker_name, name);
  }
  EXPECT_TRUE(found(t.add_account("else").id, digits(build.uuid), {IdKind::build}).empty());
  EXPECT_TRUE(found(trigger.account_id, digits(build.uuid), {IdKind::trigger, IdKind::version}).empty());
  const std::string id = digits(trigger.uuid);
  EXPECT_EQ(found(trigger.account_id, id, {IdKind::build, IdKind::trigger}).at(0).id, trigger.uuid);
  ASSERT_TRUE(t.triggers.delete_trigger(trigger.account_id, trigger.uuid, t.clock.now()));
  EXPECT_TRUE(found(trigger.account_id, id, {IdKind::trigger}).empty());
}

TEST_P(Ids, ComeInTheirOrderAndNoMoreThanAsked) {
  const model::Trigger trigger = t.add_trigger();
  std::vector<Uuid> made;
  while (made.size() < 40) made.push_back(t.add_build(trigger).uuid);
  std::vector<Uuid> same;
  const char digit = digits(made.front()).front();
  std::copy_if(made.begin(), made.end(), std::back_inserter(same),
               [&](const Uuid& id) { return digits(id).front() == digit; });
  std::sort(same.begin(), same.end());
  const auto all = found(trigger.account_id, std::string(1, digit), {IdKind::build}, 100);
  ASSERT_EQ(all.size(), same.size());
  for (std::size_t i = 0; i < same.size(); ++i) EXPECT_EQ(all[i].id, same[i]);
  EXPECT_EQ(found(trigger.account_id, std::string(1, digit), {IdKind::build}, 1).size(), 1U);
}

KILN_CONTRACT(Ids);

}  // namespace
}  // namespace kiln::store::contract
