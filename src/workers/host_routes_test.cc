#include "workers/host_routes.h"

#include <gmock/gmock.h>

#include "workers/settings.h"
#include "workers/test_target.h"

namespace kiln::workers {
namespace {

using model::HostRoute;
using ::testing::HasSubstr;

class HostRoutesTest : public ::testing::Test {
 protected:
  HostRoutesTest() { t.ports.zones = {{"example.com", "acme"}, {"team.example.com", "team"}}; }

  Status set(const Actor& actor, const std::string& pattern, HostRoute::Kind kind = HostRoute::Kind::route) {
    return set_host_routes(t.ports, actor, worker(), kind, std::vector<RouteWish>{{kind, pattern, true}}, {});
  }
  model::Worker worker() { return *t.store.workers.worker(t.account.id, t.worker.name); }
  std::vector<std::string> stored() {
    std::vector<std::string> out;
    const std::vector<HostRoute> found = *t.store.host_routes.host_routes(t.account.id);
    for (const HostRoute& route : found) out.push_back(route.pattern);
    return out;
  }
  // As a client does before it tells of routes.
  void switch_own_address_off() { ASSERT_TRUE(change_addresses(t.ports, worker(), false, std::nullopt)); }

  TestTarget t;
};

TEST_F(HostRoutesTest, AreKeptAsTheyAreMatched) {
  ASSERT_TRUE(set(t.actor, "Example.com"));
  ASSERT_TRUE(set(t.actor, "App.Example.com", HostRoute::Kind::domain));
  EXPECT_THAT(stored(), ::testing::ElementsAre("app.example.com", "example.com/"));
  ASSERT_TRUE(set(t.actor, "*example.com/*"));
  EXPECT_THAT(stored(), ::testing::ElementsAre("*example.com/*", "app.example.com"));
}

TEST_F(HostRoutesTest, LieInAZoneOfTheAccount) {
  for (const char* pattern :
       {"example.org/*", "notexample.com/*", "team.example.com/*", "*.team.example.com/*"}) {
    const Status refused = set(t.actor, pattern);
    ASSERT_FALSE(refused) << pattern;
    EXPECT_EQ(refused.error().code, Errc::not_offered);
    EXPECT_THAT(refused.error().message, HasSubstr("workers.zones"));
    EXPECT_THAT(refused.error().message, HasSubstr("are example.com"));
    EXPECT_EQ(refused.error().message.find("to it are team"), std::string::npos)
        << "others' zones are not told";
  }
  t.ports.zones.clear();
  EXPECT_THAT(set(t.actor, "example.com/*").error().message, HasSubstr("no domain is given to it"));
}

TEST_F(HostRoutesTest, ChangeNoAddressOfAWorker) {
  t.ports.zones = {{"a.localhost", "acme"}};
  EXPECT_EQ(set(t.actor, "b.a.localhost/*").error().code, Errc::invalid);
  EXPECT_TRUE(set(t.actor, "a.localhost/*"));
}

TEST_F(HostRoutesTest, ARefusalLeavesAWorkerReachable) {
  ASSERT_TRUE(t.upload());
  switch_own_address_off();
  const Status refused = set(t.actor, "example.org/*");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(worker().subdomain_enabled);
  EXPECT_THAT(refused.error().message, HasSubstr("answers at its own address, http://hello.acme.localhost"));
}

TEST_F(HostRoutesTest, ARefusalLeavesTheAddressOffWhereRoutesServe) {
  ASSERT_TRUE(set(t.actor, "example.com/*"));
  switch_own_address_off();
  ASSERT_FALSE(set(t.actor, "example.org/*"));
  EXPECT_FALSE(worker().subdomain_enabled);
  EXPECT_THAT(stored(), ::testing::ElementsAre("example.com/*")) << "what was served stays";
}

TEST_F(HostRoutesTest, AWrongWishIsARefusalLikeAnyOther) {
  switch_own_address_off();
  const Status refused =
      set_host_routes(t.ports, t.actor, worker(), HostRoute::Kind::domain, fail(Errc::invalid, "Wrong."), {});
  EXPECT_THAT(refused.error().message, HasSubstr("Wrong. The Worker answers at its own address"));
  EXPECT_TRUE(worker().subdomain_enabled);
}

TEST_F(HostRoutesTest, ABuildsDeploymentIsTakenBackWithItsRoutes) {
  const model::Trigger trigger = t.store.add_trigger(t.worker);
  ASSERT_TRUE(t.upload("{\"main_module\":\"index.js\"}", "export default {}", true));
  const std::string before = t.deployed();
  t.store.add_build(trigger);
  const store::Claimed claimed = t.store.claim_next(t.store.make_claim());
  Actor build = t.actor;
  build.build = claimed.build.uuid;
  const std::vector<Part> parts = {
      {"metadata", {}, "", "{\"main_module\":\"index.js\"}"},
      {"index.js", "index.js", "application/javascript+module", "export default {a: 1}"}};
  ASSERT_TRUE(upload_version(t.ports, build, {t.worker, false, parts, true, true}));
  ASSERT_NE(t.deployed(), before);
  const Status refused = set(build, "example.org/*");
  EXPECT_THAT(refused.error().message, HasSubstr("live again"));
  EXPECT_EQ(t.deployed(), before);
  ASSERT_FALSE(set(build, "example.org/*"));
  EXPECT_EQ(t.deployed(), before) << "told twice it is the same";
}

TEST_F(HostRoutesTest, ABuildTakesNoDomainFromAnotherWorker) {
  const model::Worker other = t.store.add_worker(t.account.id, "other");
  const RouteWish wish{HostRoute::Kind::domain, "app.example.com", true};
  ASSERT_TRUE(set_host_routes(t.ports, t.actor, other, wish.kind, std::vector<RouteWish>{wish}, {}));
  EXPECT_EQ(check_host_routes(t.ports, worker(), {wish}).error().code, Errc::hostname_taken);
  Actor build = t.actor;
  build.build = t.store.entropy.uuid();
  const auto take = [&](const Actor& actor) {
    return set_host_routes(t.ports, actor, worker(), wish.kind, std::vector<RouteWish>{wish}, {true, true});
  };
  EXPECT_EQ(take(build).error().code, Errc::hostname_taken);
  EXPECT_TRUE(take(t.actor));
}

}  // namespace
}  // namespace kiln::workers
