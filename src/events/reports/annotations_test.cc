#include "events/reports/annotations.h"

#include <gtest/gtest.h>

namespace kiln::events {
namespace {

std::vector<model::Annotation> annotations_in(const std::vector<std::string>& lines,
                                              const std::string& root_directory, bool service = false) {
  AnnotationReader reader(root_directory);
  for (const std::string& line : lines) reader.read(line, service);
  return reader.take();
}

using All = std::vector<model::Annotation>;

TEST(Annotations, AreReadFromWhatToolsWrite) {
  EXPECT_EQ(annotations_in({"src/a.ts(3,7): error TS2322: Type 'x' is wrong"}, "/"),
            (All{{"src/a.ts", 3, "TS2322: Type 'x' is wrong", false}}));
  EXPECT_EQ(
      annotations_in(
          {"\x1b[96msrc/a.ts\x1b[0m:\x1b[93m3\x1b[0m:7 - \x1b[91merror\x1b[0m TS1005: ';' expected."}, "/"),
      (All{{"src/a.ts", 3, "TS1005: ';' expected.", false}}));
  EXPECT_EQ(annotations_in({"✘ [ERROR] Could not resolve \"x\"", "", "    src/index.ts:2:7:"}, "/"),
            (All{{"src/index.ts", 2, "Could not resolve \"x\"", false}}));
  EXPECT_EQ(annotations_in({"src/b.js", "  4:1  warning  Unused  no-unused-vars"}, "/"),
            (All{{"src/b.js", 4, "Unused  no-unused-vars", true}}));
}

TEST(Annotations, BelongToTheFolderThatIsBuilt) {
  EXPECT_EQ(annotations_in({"./src/a.ts:3:7: error: no"}, "/apps/web"),
            (All{{"apps/web/src/a.ts", 3, "no", false}}));
}

TEST(Annotations, NeverLeadOutOfTheRepository) {
  EXPECT_TRUE(annotations_in({"../../etc/passwd:3:7: error: no", "/etc/passwd:3:7: error: no"}, "/").empty());
}

TEST(Annotations, AreFiftyAtMostAndNoneTwice) {
  std::vector<std::string> many;
  for (int i = 1; i <= 80; ++i) {
    for (int twice = 0; twice < 2; ++twice) many.push_back("a.ts(" + std::to_string(i) + ",1): error no");
  }
  const auto found = annotations_in(many, "/");
  EXPECT_EQ(found.size(), 50U);
  EXPECT_EQ(found.back().line, 50) << "each once";
}

TEST(Annotations, TheServicesOwnWordsAreNone) {
  EXPECT_TRUE(annotations_in({"src/a.ts(3,7): error TS2322: x"}, "/", true).empty());
}

}  // namespace
}  // namespace kiln::events
