#include "serving/front/route_table.h"

#include <gtest/gtest.h>

namespace kiln::serving {
namespace {

using model::HostRoute;

HostRoute host_route(const std::string& pattern, const std::string& worker,
                     const std::string& subdomain = "acme") {
  HostRoute route;
  route.pattern = pattern;
  route.worker_name = worker;
  route.subdomain = subdomain;
  route.kind = pattern.find('/') == std::string::npos ? HostRoute::Kind::domain : HostRoute::Kind::route;
  return route;
}

const std::vector<model::Zone> kZones = {{"example.com", "acme"}, {"team.example.com", "team"}};

std::string found_in(const RouteTable& table, const std::string& host, const std::string& target) {
  const HostRoute* const route = table.find(host, target, false);
  return route == nullptr ? "-" : route->worker_name;
}

TEST(RouteTable, FindsTheMostSpecificRoute) {
  const RouteTable table(
      {host_route("*example.com/*", "all"), host_route("www.example.com/*", "www"),
       host_route("*.example.com/api/*", "api"), host_route("www.example.com/hello/*", "hello")},
      kZones);
  EXPECT_EQ(found_in(table, "example.com", "/"), "all");
  EXPECT_EQ(found_in(table, "www.example.com", "/api/x"), "www") << "one host is more specific than many";
  EXPECT_EQ(found_in(table, "www.example.com", "/hello/x"), "hello");
  EXPECT_EQ(found_in(table, "a.b.example.com", "/api/x"), "api");
  EXPECT_EQ(found_in(table, "a.b.example.com", "/x"), "all");
  EXPECT_EQ(found_in(table, "example.org", "/"), "-");
}

TEST(RouteTable, RoutesComeBeforeCustomDomains) {
  const RouteTable table({host_route("app.example.com", "app"), host_route("app.example.com/api/*", "api")},
                         kZones);
  EXPECT_EQ(found_in(table, "app.example.com", "/api/x"), "api");
  EXPECT_EQ(found_in(table, "app.example.com", "/"), "app");
  EXPECT_EQ(found_in(table, "x.app.example.com", "/"), "-");
}

TEST(RouteTable, ARouteWithoutAWorkerHidesWiderOnes) {
  const RouteTable table({host_route("example.com/*", "all"), host_route("example.com/static/*", "")},
                         kZones);
  EXPECT_EQ(found_in(table, "example.com", "/a"), "all");
  EXPECT_EQ(found_in(table, "example.com", "/static/a"), "");
}

TEST(RouteTable, ADisabledDomainIsNone) {
  HostRoute off = host_route("app.example.com", "app");
  off.enabled = false;
  EXPECT_EQ(found_in(RouteTable({off}, kZones), "app.example.com", "/"), "-");
}

TEST(RouteTable, AHostBelongsToTheAccountOfItsZone) {
  const RouteTable table(
      {host_route("*.example.com/*", "acmes"), host_route("x.team.example.com/*", "teams", "team"),
       host_route("www.example.com/*", "stolen", "team"), host_route("y.team.example.com", "stolen")},
      kZones);
  EXPECT_EQ(found_in(table, "x.team.example.com", "/"), "teams");
  EXPECT_EQ(found_in(table, "y.team.example.com", "/"), "-")
      << "neither a wider pattern nor a domain of others";
  EXPECT_EQ(found_in(table, "www.example.com", "/"), "acmes");
}

}  // namespace
}  // namespace kiln::serving
