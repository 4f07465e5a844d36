#include "workers/addresses.h"

#include <gtest/gtest.h>

namespace kiln::workers {
namespace {

using Urls = std::vector<std::string>;

const Hosts kHosts{"acme", "localhost", 8788};

store::BuildUpload upload(char digit) {
  store::BuildUpload made;
  made.worker_name = "hello";
  made.version_id = *Uuid::parse(std::string(8, digit) + "-1111-4111-8111-111111111111");
  return made;
}

TEST(Addresses, OfADeploymentAndOfABranch) {
  store::BuildUpload live = upload('a');
  live.percentage = 100;
  Addresses found = addresses_of({live}, kHosts);
  EXPECT_EQ(found.production, Urls{"http://hello.acme.localhost:8788"});
  EXPECT_EQ(found.versions, Urls{"http://aaaaaaaa-hello.acme.localhost:8788"});
  EXPECT_TRUE(found.aliases.empty());

  store::BuildUpload branch = upload('b');
  branch.aliases = {"feature"};
  found = addresses_of({branch}, kHosts);
  EXPECT_TRUE(found.production.empty());
  EXPECT_EQ(found.aliases, Urls{"http://feature-hello.acme.localhost:8788"});
}

TEST(Addresses, OfSeveralUploadsNameEachHostOnceAndTheLastVersionFirst) {
  store::BuildUpload first = upload('a');
  store::BuildUpload second = upload('b');
  first.percentage = 30;
  second.percentage = 70;
  const Addresses found = addresses_of({first, second}, kHosts);
  EXPECT_EQ(found.production.size(), 1U);
  EXPECT_EQ(found.versions,
            (Urls{"http://bbbbbbbb-hello.acme.localhost:8788", "http://aaaaaaaa-hello.acme.localhost:8788"}));
}

TEST(Addresses, OfRoutesAreWhereTheyBegin) {
  store::BuildUpload live = upload('a');
  live.percentage = 100;
  live.subdomain_enabled = false;
  for (const char* pattern : {"*.example.com/*", "app.example.com", "example.com/*", "example.com/blog/*"}) {
    model::HostRoute route;
    route.pattern = pattern;
    route.kind = live.routes.size() == 1 ? model::HostRoute::Kind::domain : model::HostRoute::Kind::route;
    live.routes.push_back(route);
  }
  EXPECT_EQ(
      addresses_of({live}, kHosts).production,
      (Urls{"http://app.example.com:8788", "http://example.com:8788", "http://example.com:8788/blog/"}));
  live.percentage = 0;
  EXPECT_TRUE(addresses_of({live}, kHosts).production.empty());
}

TEST(Addresses, LeaveOutWhatTheWorkerHasSwitchedOff) {
  store::BuildUpload live = upload('a');
  live.percentage = 100;
  live.subdomain_enabled = live.previews_enabled = false;
  live.aliases = {"feature"};
  const Addresses found = addresses_of({live}, kHosts);
  EXPECT_TRUE(found.production.empty() && found.versions.empty() && found.aliases.empty());
}

TEST(Hosts, BehindAProxyHaveItsSchemeAndPort) {
  const Hosts outer{"acme", "workers.example", 0, "https"};
  EXPECT_EQ(outer.worker_url("shop"), "https://shop.acme.workers.example");
  EXPECT_EQ(outer.preview_url("pr-1", "shop"), "https://pr-1-shop.acme.workers.example");
  EXPECT_EQ((Hosts{"acme", "a.example", 443, "https"}).url_of("b.example"), "https://b.example");
  EXPECT_EQ((Hosts{"acme", "a.example", 8443, "https"}).url_of("b.example"), "https://b.example:8443");
}

}  // namespace
}  // namespace kiln::workers
