#include "model/zone.h"

#include <gtest/gtest.h>

#include "base/ids.h"

namespace kiln::model {
namespace {

TEST(Zone, IsADomainAndPerhapsAnAccounts) {
  EXPECT_EQ(parse_zone("example.com"), (Zone{"example.com", ""}));
  EXPECT_EQ(parse_zone("shop.example@acme"), (Zone{"shop.example", "acme"}));
  for (const char* text : {"", "example", "Example.com", "*.example.com", "example.com@", "example.com@A B",
                           "example.com/", "https://example.com", "@acme", "example.com@a@b"})
    EXPECT_EQ(parse_zone(text), std::nullopt) << text;
}

TEST(Zone, HasAnIdThatStays) {
  EXPECT_TRUE(is_hex32(zone_id({"example.com", ""})));
  EXPECT_EQ(zone_id({"example.com", ""}), zone_id({"example.com", "acme"}));
  EXPECT_NE(zone_id({"example.com", ""}), zone_id({"example.org", ""}));
}

TEST(Zone, TheSmallestThatHoldsAHostIsItsOwn) {
  const std::vector<Zone> zones = {{"example.com", "a"}, {"app.example.com", "b"}};
  EXPECT_EQ(zone_of(zones, "example.com"), &zones[0]);
  EXPECT_EQ(zone_of(zones, "www.example.com"), &zones[0]);
  EXPECT_EQ(zone_of(zones, "app.example.com"), &zones[1]);
  EXPECT_EQ(zone_of(zones, "x.app.example.com"), &zones[1]);
  EXPECT_EQ(zone_of(zones, "notexample.com"), nullptr);
  EXPECT_EQ(zone_of(zones, "com"), nullptr);
}

}  // namespace
}  // namespace kiln::model
