#include "http/last_head.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

const std::string kRest = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n";

TEST(LastHead, FindsTheSameHeadWithAnotherQuery) {
  LastHead last;
  last.keep("GET /builds?ids=1" + kRest, "GET", "/builds?ids=1");
  const std::string next = "GET /builds?ids=22&x" + kRest;
  for (const std::string& behind : {std::string(), next, std::string("POST")}) {
    const std::string bytes = next + behind;
    const auto found = last.find_in(bytes);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, next.size());
    EXPECT_EQ(found->query, "ids=22&x");
  }
  const std::string empty = "GET /builds?" + kRest;
  ASSERT_TRUE(last.find_in(empty));
  EXPECT_EQ(last.find_in(empty)->query, "");
}

TEST(LastHead, OfATargetWithoutAQueryIsThatTargetAlone) {
  LastHead last;
  last.keep("GET /builds/1" + kRest, "GET", "/builds/1");
  EXPECT_TRUE(last.find_in("GET /builds/1" + kRest));
  EXPECT_FALSE(last.find_in("GET /builds/12" + kRest));
  EXPECT_FALSE(last.find_in("GET /builds/1?" + kRest));
}

TEST(LastHead, FindsNothingThatDiffersElsewhereOrIsNotWhole) {
  LastHead last;
  const std::string whole = "GET /builds?ids=1" + kRest;
  EXPECT_FALSE(last.find_in(whole));
  last.keep(whole, "GET", "/builds?ids=1");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(last.find_in(whole.substr(0, size))) << size;
    std::string other = whole;
    other[size] = other[size] == 'a' ? 'b' : 'a';
    const auto found = last.find_in(other);
    const bool in_query =
        size >= std::string_view("GET /builds?").size() && size < whole.size() - kRest.size();
    EXPECT_EQ(found.has_value(), in_query) << size;
  }
  last.forget();
  EXPECT_FALSE(last.find_in(whole));
}

TEST(LastHead, LeavesStrangeQueriesToTheParser) {
  LastHead last;
  last.keep("GET /builds?ids=1" + kRest, "GET", "/builds?ids=1");
  for (const char* const strange : {"a b", "a\tb", "a\nb", "a\r\nb", "a#b", "\x7f", "\xc3\xa4"}) {
    EXPECT_FALSE(last.find_in("GET /builds?" + std::string(strange) + kRest)) << strange;
  }
  EXPECT_FALSE(last.find_in("GET /builds?" + std::string(1, '\0') + kRest));
}

TEST(LastHead, KeepsOnlyPathsThatStandWhereTheyShould) {
  LastHead last;
  const std::string absolute = "GET http://x/builds?ids=1" + kRest;
  last.keep(absolute, "GET", "http://x/builds?ids=1");
  EXPECT_FALSE(last.find_in(absolute));
  const std::string shifted = "\r\nGET /builds" + kRest;
  last.keep(shifted, "GET", "/builds");
  EXPECT_FALSE(last.find_in(shifted));
}

}  // namespace
}  // namespace kiln::http
