#include "workers/names.h"

#include <gtest/gtest.h>

namespace kiln::workers {
namespace {

TEST(Names, WorkersAreHostLabels) {
  for (const char* name : {"a", "my-worker", "my_worker", "0", "w1-staging"})
    EXPECT_TRUE(check_worker_name(name)) << name;
  for (const std::string& name : {std::string(), std::string("-a"), std::string("a-"), std::string("A"),
                                  std::string("a.b"), std::string("a b"), std::string(64, 'a')}) {
    EXPECT_FALSE(check_worker_name(name)) << name;
  }
}

TEST(Names, AliasesFitBeforeTheWorkersName) {
  EXPECT_TRUE(check_alias("feature-new", "hello"));
  EXPECT_TRUE(check_alias(std::string(57, 'a'), "hello"));
  EXPECT_FALSE(check_alias(std::string(58, 'a'), "hello"));
  for (const char* alias : {"", "Bad Alias!", "-a", "a-", "a_b", "a.b"})
    EXPECT_FALSE(check_alias(alias, "hello")) << alias;
}

TEST(Names, AnAliasCannotLookLikeAVersion) {
  EXPECT_FALSE(check_alias("deadbeef", "hello"));
  EXPECT_TRUE(check_alias("deadbeefs", "hello"));
}

TEST(Names, ModulesStayInside) {
  for (const char* name : {"index.js", "./abc-data.txt", "lib/deep/d.js", "lib/we ird.txt", "..a"}) {
    EXPECT_TRUE(check_module_name(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string("../a"), std::string("a/../b"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("a\xff")}) {
    EXPECT_FALSE(check_module_name(name)) << name;
  }
}

TEST(Names, CompatibilityDatesAreDays) {
  const TimeMs now = 1'767'323'045'678;  // 2026-01-02
  for (const char* date : {"", "2025-12-31", "2026-01-02", "2024-02-29"}) {
    EXPECT_TRUE(check_compatibility_date(date, now)) << date;
  }
  constexpr TimeMs kHour = 3'600'000;
  EXPECT_TRUE(check_compatibility_date("2026-01-03", now + 7 * kHour)) << "it has begun on the Line Islands";
  const Status late = check_compatibility_date("2026-01-03", now);
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().message.find("is in the future: today is 2026-01-02"), std::string::npos);
  for (const char* date :
       {"2026-01-04", "2025-02-30", "2025-13-01", "25-01-01", "2025-1-1", "today", "2025-01-01T00"}) {
    EXPECT_FALSE(check_compatibility_date(date, now)) << date;
  }
}

TEST(Names, ADateThatIsRunAsAnotherIsTold) {
  EXPECT_EQ(date_note("2026-01-02", "2026-01-02"), "");
  EXPECT_EQ(date_note("", ""), "");
  EXPECT_NE(date_note("2026-01-09", "2026-01-02").find("runs as of 2026-01-02"), std::string::npos);
}

TEST(Names, AssetPathsAreRawAndAbsolute) {
  for (const char* path :
       {"/index.html", "/a b.txt", "/100%.txt", "/h#x?.txt", "/\xc3\xbc.txt", "/.well-known/x", "/a..b"}) {
    EXPECT_TRUE(check_asset_path(path)) << path;
  }
  for (const std::string& path :
       {std::string(), std::string("/"), std::string("index.html"), std::string("/../x"),
        std::string("/a/.."), std::string("//x"), std::string("/a//b"), std::string("/a\0", 3),
        std::string("/a\\b"), std::string("/\xff")}) {
    EXPECT_FALSE(check_asset_path(path)) << path;
  }
}

}  // namespace
}  // namespace kiln::workers
