#include <gtest/gtest.h>

#include "base/duration_words.h"
#include "base/escape.h"
#include "base/http_date.h"
#include "base/utf8.h"

namespace kiln {
namespace {

TEST(DurationWords, HaveAtMostTwoUnits) {
  EXPECT_EQ(duration_words(-5), "0 ms");
  EXPECT_EQ(duration_words(42), "42 ms");
  EXPECT_EQ(duration_words(4'210), "4.2 s");
  EXPECT_EQ(duration_words(59'400), "59 s");
  EXPECT_EQ(duration_words(60'000), "1 min");
  EXPECT_EQ(duration_words(250'000), "4 min 10 s");
  EXPECT_EQ(duration_words(3'720'000), "1 h 2 min");
  EXPECT_EQ(duration_words(TimeMs{25} * 3'600'000), "1 d 1 h");
}

TEST(Escape, LeavesNothingThatIsMarkup) {
  EXPECT_EQ(html_escape("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(url_encode("a/b c~ä"), "a%2Fb%20c~%C3%A4");
  EXPECT_EQ(url_encode_path("a/b c"), "a/b%20c");
}

TEST(Utf8, IsCutBetweenCharacters) {
  EXPECT_EQ(utf8_beginning("abc", 5), "abc");
  EXPECT_EQ(utf8_beginning("a\xc3\xa4", 2), "a");
  EXPECT_EQ(utf8_beginning("a\xc3\xa4", 3), "a\xc3\xa4");
  EXPECT_EQ(utf8_beginning("\xf0\x9f\x98\x80", 3), "");
}

TEST(Dates, AreEnglishWhateverTheLocale) {
  constexpr TimeMs time = TimeMs{784'111'777} * 1'000;
  EXPECT_EQ(format_http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_mail_date(time), "Sun, 06 Nov 1994 08:49:37 +0000");
  EXPECT_EQ(parse_http_date(format_http_date(time)), time);
}

}  // namespace
}  // namespace kiln
