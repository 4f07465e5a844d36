#include "model/host_route.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace kiln::model {
namespace {

RoutePattern parsed_route(const std::string& text) {
  const Result<RoutePattern> parsed = RoutePattern::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed.value_or(RoutePattern{});
}

bool leads_to(const std::string& text, const std::string& host, const std::string& target,
              bool secure = true) {
  return parsed_route(text).matches(host, target, secure);
}

TEST(HostRoute, APatternWithoutAPathIsTheTopOfItsHostAlone) {
  EXPECT_EQ(parsed_route("Example.COM").text, "example.com/");
  EXPECT_TRUE(leads_to("example.com", "example.com", "/"));
  EXPECT_FALSE(leads_to("example.com", "example.com", "/a"));
  EXPECT_FALSE(leads_to("example.com", "www.example.com", "/"));
}

TEST(HostRoute, AStarEndsAPathAndBeginsAHost) {
  EXPECT_TRUE(leads_to("example.com/*", "example.com", "/"));
  EXPECT_TRUE(leads_to("example.com/path*", "example.com", "/pathology"));
  EXPECT_TRUE(leads_to("example.com/path*", "example.com", "/path/a?b=c"));
  EXPECT_FALSE(leads_to("example.com/path/*", "example.com", "/path"));
  EXPECT_TRUE(leads_to("*.example.com/*", "a.b.example.com", "/x"));
  EXPECT_FALSE(leads_to("*.example.com/*", "example.com", "/x"));
  EXPECT_TRUE(leads_to("*example.com/*", "example.com", "/x"));
  EXPECT_TRUE(leads_to("*example.com/*", "www.example.com", "/x"));
  EXPECT_FALSE(leads_to("*example.com/*", "notexample.com", "/x")) << "that is somebody else's domain";
}

TEST(HostRoute, TheQueryIsPartOfWhatIsMatched) {
  EXPECT_TRUE(leads_to("example.com/a", "example.com", "/a"));
  EXPECT_FALSE(leads_to("example.com/a", "example.com", "/a?x=1"));
  EXPECT_TRUE(leads_to("example.com/a*", "example.com", "/a?x=1"));
}

TEST(HostRoute, PathsHaveCaseAndHostsHaveNone) {
  EXPECT_FALSE(leads_to("example.com/Images/*", "example.com", "/images/a"));
  EXPECT_TRUE(leads_to("EXAMPLE.com/Images/*", "example.com", "/Images/a"));
}

TEST(HostRoute, ASchemeIsThatOfTheVisitor) {
  EXPECT_TRUE(leads_to("https://example.com/*", "example.com", "/", true));
  EXPECT_FALSE(leads_to("https://example.com/*", "example.com", "/", false));
  EXPECT_TRUE(leads_to("HTTP://example.com/*", "example.com", "/", false));
  EXPECT_TRUE(leads_to("example.com/*", "example.com", "/", false));
}

TEST(HostRoute, TheMostSpecificComesFirst) {
  const std::vector<std::string> in_order = {"https://www.example.com/hello/*",
                                             "www.example.com/hello/*",
                                             "www.example.com/*",
                                             "*.www.example.com/*",
                                             "example.com/hello/world",
                                             "example.com/hello/*",
                                             "example.com/*",
                                             "*.example.com/api/v2/*",
                                             "*.example.com/api/*",
                                             "*.example.com/*",
                                             "*example.com/*"};
  std::vector<RoutePattern> patterns;
  for (auto text = in_order.rbegin(); text != in_order.rend(); ++text)
    patterns.push_back(parsed_route(*text));
  std::stable_sort(patterns.begin(), patterns.end(), more_specific);
  for (std::size_t i = 0; i < in_order.size(); ++i) EXPECT_EQ(patterns[i].text, in_order[i]) << i;
}

TEST(HostRoute, RefusesWhatNoRouteIs) {
  for (const char* text : {"",
                           "*",
                           "*/*",
                           "*.*/*",
                           "example",
                           "localhost/*",
                           "example.com:8080/*",
                           "exa*mple.com/*",
                           "www.*.example.com/*",
                           "example.com/*.jpg",
                           "example.com/a*b*",
                           "example.com/?a=*",
                           "example.com/a?b",
                           "ftp://example.com/*",
                           "http:///x",
                           "//example.com/*",
                           "example..com/*",
                           "-a.example.com/*",
                           "exämple.com/*",
                           "example.com/a b",
                           "example.com/#a",
                           "example.com*",
                           "a@example.com/*",
                           ".example.com/*"}) {
    const Result<RoutePattern> parsed = RoutePattern::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().field, "pattern");
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
  EXPECT_FALSE(RoutePattern::parse("example.com/" + std::string(3000, 'a')));
}

TEST(HostRoute, ACustomDomainIsAHost) {
  EXPECT_EQ(check_custom_domain("App.Example.com"), "app.example.com");
  for (const char* text :
       {"", "example", "*.example.com", "app.example.com/", "app.example.com:80", "a..b", "https://a.b"})
    EXPECT_FALSE(check_custom_domain(text)) << text;
}

}  // namespace
}  // namespace kiln::model
