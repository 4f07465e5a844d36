#include "base/ids.h"

#include <gtest/gtest.h>

#include <set>

#include "base/entropy.h"

namespace kiln {
namespace {

TEST(UuidText, IsReadInEitherCaseAndWrittenLower) {
  const std::optional<Uuid> id = Uuid::parse("0F8FAD5B-D9CB-469F-A165-70867728950E");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->str(), "0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_EQ(Uuid::from_raw(id->raw()), id);
}

TEST(UuidText, RefusesEverythingElse) {
  for (const char* bad :
       {"", "0f8fad5b", "0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950",
        "0f8fad5b-d9cb-469f-a165-70867728950g", "0f8fad5b-d9cb-469f-a165070867728950e",
        "{0f8fad5b-d9cb-469f-a165-70867728950e}", " 0f8fad5b-d9cb-469f-a165-70867728950"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

TEST(UuidText, EachPlaceTakesTheDigitsOfEitherCaseAndNothingElse) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string whole = "0f8fad5b-d9cb-469f-a165-70867728950e";
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = whole;
      text[place] = static_cast<char>(byte);
      std::string lower = text;
      if (byte >= 'A' && byte <= 'F') lower[place] = static_cast<char>(byte - 'A' + 'a');
      const bool good =
          whole[place] == '-' ? byte == '-' : digits.find(lower[place]) != std::string_view::npos;
      const std::optional<Uuid> id = Uuid::parse(text);
      ASSERT_EQ(id.has_value(), good) << "byte " << byte << " at " << place;
      if (good) {
        ASSERT_EQ(id->str(), lower);
      }
    }
  }
}

TEST(RandomUuid, IsVersionFourAndNew) {
  SystemEntropy entropy;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string text = entropy.uuid().str();
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(text).second);
  }
}

TEST(Hex32, IsExactlyThat) {
  EXPECT_TRUE(is_hex32("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(is_hex32("0123456789ABCDEF0123456789abcdef"));
  EXPECT_FALSE(is_hex32("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(is_hex32("0123456789abcdef0123456789abcdeg"));
}

}  // namespace
}  // namespace kiln
