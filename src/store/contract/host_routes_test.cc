#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using model::HostRoute;
using ::testing::ElementsAre;

class HostRoutes : public Contract {
 protected:
  HostRoute route(const model::Worker& worker, const std::string& pattern,
                  HostRoute::Kind kind = HostRoute::Kind::route) {
    return {t.entropy.hex32(), worker.account_id, {}, worker.tag, {}, kind, pattern, true, t.clock.now()};
  }
  HostRoute domain(const model::Worker& worker, const std::string& host) {
    return route(worker, host, HostRoute::Kind::domain);
  }
  Status set(const model::Worker& worker, const std::vector<std::string>& patterns, RouteChange change = {}) {
    std::vector<HostRoute> routes;
    for (const std::string& pattern : patterns) routes.push_back(route(worker, pattern));
    return t.host_routes.set_host_routes(worker, HostRoute::Kind::route, routes, change);
  }
  // "pattern → Worker" of the account, in order.
  std::vector<std::string> stored() {
    std::vector<std::string> out;
    const std::vector<HostRoute> found = *t.host_routes.host_routes(account_.id);
    for (const HostRoute& one : found) out.push_back(one.pattern + " " + one.worker_name);
    return out;
  }

  model::Account account_ = t.add_account("acme");
  model::Worker shop_ = t.add_worker(account_.id, "shop");
  model::Worker blog_ = t.add_worker(account_.id, "blog");
};

TEST_P(HostRoutes, AreAWorkersAndReplaceThoseBefore) {
  ASSERT_TRUE(set(shop_, {"example.com/*", "example.com/api/*"}));
  const std::vector<HostRoute> before = *t.host_routes.host_routes(account_.id);
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(before[1].worker_tag, shop_.tag);
  EXPECT_EQ(before[1].subdomain, "acme");
  EXPECT_EQ(before[1].kind, HostRoute::Kind::route);
  EXPECT_TRUE(before[1].enabled);
  t.clock.advance(1000);
  ASSERT_TRUE(set(shop_, {"example.com/api/*", "example.com/new"}));
  EXPECT_THAT(stored(), ElementsAre("example.com/api/* shop", "example.com/new shop"));
  const std::vector<HostRoute> after = *t.host_routes.host_routes(account_.id);
  EXPECT_EQ(after[0].id, before[1].id) << "what stays keeps its id";
  EXPECT_EQ(after[0].created_on, before[1].created_on);
}

TEST_P(HostRoutes, OfOneKindLeaveTheOtherAlone) {
  ASSERT_TRUE(
      t.host_routes.set_host_routes(shop_, HostRoute::Kind::domain, {domain(shop_, "app.example.com")}, {}));
  ASSERT_TRUE(set(shop_, {"example.com/*"}));
  ASSERT_TRUE(set(shop_, {}));
  EXPECT_THAT(stored(), ElementsAre("app.example.com shop"));
  EXPECT_EQ(t.host_routes.host_routes(account_.id)->at(0).kind, HostRoute::Kind::domain);
}

TEST_P(HostRoutes, NoPatternHasTwoWorkers) {
  ASSERT_TRUE(set(shop_, {"example.com/*"}));
  const Status refused = set(blog_, {"example.com/blog/*", "example.com/*"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::route_taken);
  EXPECT_NE(refused.error().message.find("'shop'"), std::string::npos) << refused.error().message;
  EXPECT_THAT(stored(), ElementsAre("example.com/* shop")) << "all or nothing";
  ASSERT_TRUE(set(blog_, {"example.com/*"}, {true, true}));
  EXPECT_THAT(stored(), ElementsAre("example.com/* blog"));
}

TEST_P(HostRoutes, OfAnotherAccountAreNeverTakenOver) {
  const model::Account other = t.add_account("other");
  const model::Worker theirs = t.add_worker(other.id, "shop");
  ASSERT_TRUE(t.host_routes.set_host_routes(theirs, HostRoute::Kind::domain,
                                            {domain(theirs, "app.example.com")}, {}));
  const Status refused = t.host_routes.set_host_routes(shop_, HostRoute::Kind::domain,
                                                       {domain(shop_, "app.example.com")}, {true, true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::hostname_taken);
  EXPECT_EQ(refused.error().message.find("shop'"), std::string::npos)
      << "whose it is there is nobody's business";
  EXPECT_TRUE(stored().empty());
  const std::string id = t.host_routes.host_routes(other.id)->at(0).id;
  EXPECT_EQ(t.host_routes.delete_host_route(account_.id, id).error().code, Errc::not_found);
}

TEST_P(HostRoutes, AreChangedAndRemovedOneByOne) {
  HostRoute one = route(shop_, "example.com/*");
  ASSERT_TRUE(t.host_routes.put_host_route(one, false));
  EXPECT_EQ(t.host_routes.put_host_route(route(shop_, "example.com/*"), false).error().code,
            Errc::route_taken);
  one.pattern = "www.example.com/*";
  one.worker_tag = blog_.tag;
  ASSERT_TRUE(t.host_routes.put_host_route(one, false));
  EXPECT_THAT(stored(), ElementsAre("www.example.com/* blog"));
  one.worker_tag.clear();
  ASSERT_TRUE(t.host_routes.put_host_route(one, false));
  EXPECT_THAT(stored(), ElementsAre("www.example.com/* "));
  ASSERT_TRUE(t.host_routes.delete_host_route(account_.id, one.id));
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(t.host_routes.delete_host_route(account_.id, one.id).error().code, Errc::not_found);
}

TEST_P(HostRoutes, GoWithTheirWorker) {
  ASSERT_TRUE(set(shop_, {"example.com/*"}));
  ASSERT_TRUE(set(blog_, {"example.com/blog/*"}));
  ASSERT_TRUE(t.workers.delete_worker(account_.id, "shop", t.clock.now()));
  EXPECT_THAT(stored(), ElementsAre("example.com/blog/* blog"));
  EXPECT_EQ(t.route_resolver.host_routes()->size(), 1U);
  EXPECT_EQ(set(shop_, {"example.com/*"}).error().code, Errc::worker_not_found);
}

TEST_P(HostRoutes, TellTheFeed) {
  std::uint64_t before = t.feed.changes().routes.load();
  const auto changed = [&] {
    return t.feed.changes().routes.load() != std::exchange(before, t.feed.changes().routes.load());
  };
  const HostRoute one = route(shop_, "example.com/*");
  ASSERT_TRUE(t.host_routes.put_host_route(one, false));
  EXPECT_TRUE(changed());
  ASSERT_TRUE(t.host_routes.delete_host_route(account_.id, one.id));
  EXPECT_TRUE(changed());
}

KILN_CONTRACT(HostRoutes);

}  // namespace
}  // namespace kiln::store::contract
