#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln {
namespace {

TEST(Base64, MeetsTheVectorsOfItsRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(to_base64(plain), coded);
    EXPECT_EQ(from_base64(coded), plain);
  }
}

TEST(Base64, RefusesWhatIsNoBase64) {
  for (const char* bad : {"Z", "Zg=", "Zg===", "Zm9v!", "Zg==Zg==", "Zm 9v"})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Hex, ReadsEitherCaseAndRefusesTheRest) {
  EXPECT_EQ(from_hex("00fFaB"), std::string("\x00\xff\xab", 3));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

// The vector that GitHub documents for webhook signatures.
TEST(Hmac, MeetsGithubsVector) {
  EXPECT_EQ(to_hex(hmac_sha256("It's a Secret to Everybody", "Hello, World!")),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST(Sha256, MeetsTheVectorOfItsStandard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Rfc3339, WritesMillisecondsAndZ) {
  EXPECT_EQ(format_rfc3339(1577470279117), "2019-12-27T18:11:19.117Z");
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsBackWhatItWrites) {
  for (const TimeMs time : {TimeMs{0}, TimeMs{1577470279117}, TimeMs{4102444799999}}) {
    EXPECT_EQ(parse_rfc3339(format_rfc3339(time)), time);
  }
  EXPECT_EQ(parse_rfc3339("2019-12-27T18:11:19Z"), 1577470279000);
}

TEST(Rfc3339, RefusesOtherForms) {
  for (const char* bad :
       {"", "2019-12-27", "2019-12-27T18:11:19", "2019-12-27T18:11:19+01:00", "2019-13-27T18:11:19Z",
        "2019-12-27T24:11:19Z", "2019-12-27T18:11:19.1Z", "-019-12-27T18:11:19Z"}) {
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
  }
}

TEST(Utf8Repair, KeepsWhatIsWellFormed) {
  const std::string text = "plain, \xc3\xa9, \xe2\x82\xac, \xf0\x9f\x8c\xa9";
  EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(Utf8Repair, ReplacesEachMaximalBadPartOnce) {
  EXPECT_EQ(to_valid_utf8("a\xff"
                          "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(to_valid_utf8("\xe2\x82"), "\xef\xbf\xbd");                              // cut short
  EXPECT_EQ(to_valid_utf8("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");                  // overlong
  EXPECT_EQ(to_valid_utf8("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // surrogate
}

TEST(ShellQuote, SurvivesQuotes) {
  EXPECT_EQ(shell_quote("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_quote("https://kiln.example.com:8443/a_b-c"), "https://kiln.example.com:8443/a_b-c");
  EXPECT_EQ(shell_quote(""), "''");
  for (const char* text : {"a b", "a;b", "~", "*", "a\nb", "#", "a&b", "a?b"})
    EXPECT_EQ(shell_quote(text), fmt::format("'{}'", text));
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(ByteOrderMark, IsTakenOffOnce) {
  EXPECT_EQ(without_byte_order_mark("\xef\xbb\xbf{}"), "{}");
  EXPECT_EQ(without_byte_order_mark("\xef\xbb"), "\xef\xbb");
  EXPECT_EQ(without_byte_order_mark(""), "");
}

}  // namespace
}  // namespace kiln
