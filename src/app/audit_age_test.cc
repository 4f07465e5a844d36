#include "app/audit_age.h"

#include <gtest/gtest.h>

#include "testing/memory_store.h"

namespace kiln::app {
namespace {

constexpr TimeMs kDayMs = TimeMs{24} * 3'600'000;

class AuditAgeTest : public ::testing::Test {
 protected:
  void note(const std::string& action) {
    ASSERT_TRUE(store_.audit.note({"", {"administrator", "0", ""}, "unix", action, "", ""}));
  }
  std::string kept() {
    std::string words;
    const auto entries = store_.audit.entries({}, std::nullopt, 100);
    for (const model::AuditEntry& entry : *entries) words += entry.action + " ";
    return words;
  }
  testing::TestStore store_;
};

TEST_F(AuditAgeTest, KeepsAnEntryForAsManyDaysAsSet) {
  AuditAge age(store_.audit, store_.clock, 2);
  note("first");
  store_.clock.advance(kDayMs);
  note("second");
  store_.clock.advance(kDayMs);
  age.forget_old();
  EXPECT_EQ(kept(), "second first ") << "not older yet";
  store_.clock.advance(1);
  age.forget_old();
  EXPECT_EQ(kept(), "second first ") << "it has looked within the hour";
  store_.clock.advance(3'600'000);
  age.forget_old();
  EXPECT_EQ(kept(), "second ");
}

TEST_F(AuditAgeTest, ForEverIsForEver) {
  AuditAge age(store_.audit, store_.clock, 0);
  note("first");
  store_.clock.advance(10'000 * kDayMs);
  age.forget_old();
  EXPECT_EQ(kept(), "first ");
}

}  // namespace
}  // namespace kiln::app
