#include "events/reports/annotations.h"

#include <gtest/gtest.h>

namespace kiln::events {
namespace {

std::vector<model::LogLine> lines(std::initializer_list<const char*> texts) {
  std::vector<model::LogLine> out;
  for (const char* text : texts) out.push_back({1, text, false});
  return out;
}

using All = std::vector<model::Annotation>;

TEST(Annotations, AreReadFromWhatToolsWrite) {
  EXPECT_EQ(annotations_in(lines({"src/a.ts(3,7): error TS2322: Type 'x' is wrong"}), "/"),
            (All{{"src/a.ts", 3, "TS2322: Type 'x' is wrong", false}}));
  EXPECT_EQ(
      annotations_in(
          lines({"\x1b[96msrc/a.ts\x1b[0m:\x1b[93m3\x1b[0m:7 - \x1b[91merror\x1b[0m TS1005: ';' expected."}),
          "/"),
      (All{{"src/a.ts", 3, "TS1005: ';' expected.", false}}));
  EXPECT_EQ(annotations_in(lines({"✘ [ERROR] Could not resolve \"x\"", "", "    src/index.ts:2:7:"}), "/"),
            (All{{"src/index.ts", 2, "Could not resolve \"x\"", false}}));
  EXPECT_EQ(annotations_in(lines({"src/b.js", "  4:1  warning  Unused  no-unused-vars"}), "/"),
            (All{{"src/b.js", 4, "Unused  no-unused-vars", true}}));
}

TEST(Annotations, BelongToTheFolderThatIsBuilt) {
  EXPECT_EQ(annotations_in(lines({"./src/a.ts:3:7: error: no"}), "/apps/web"),
            (All{{"apps/web/src/a.ts", 3, "no", false}}));
}

TEST(Annotations, NeverLeadOutOfTheRepository) {
  EXPECT_TRUE(
      annotations_in(lines({"../../etc/passwd:3:7: error: no", "/etc/passwd:3:7: error: no"}), "/").empty());
}

TEST(Annotations, AreFiftyAtMostAndNoneTwice) {
  std::vector<model::LogLine> many;
  for (int i = 1; i <= 80; ++i) {
    for (int twice = 0; twice < 2; ++twice)
      many.push_back({1, "a.ts(" + std::to_string(i) + ",1): error no", false});
  }
  EXPECT_EQ(annotations_in(many, "/").size(), 50U);
}

TEST(Annotations, TheServicesOwnWordsAreNone) {
  EXPECT_TRUE(annotations_in({{1, "src/a.ts(3,7): error TS2322: x", true}}, "/").empty());
}

}  // namespace
}  // namespace kiln::events
