#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class RouteResolution : public Contract {
 protected:
  Uuid add_version(const model::Worker& worker, const std::string& alias = {}) {
    NewVersion fresh;
    fresh.version.id = store_.entropy.uuid();
    fresh.version.worker_tag = worker.tag;
    fresh.version.created_on = store_.clock.now();
    fresh.alias = alias;
    EXPECT_TRUE(store_.versions.add_version(fresh));
    return fresh.version.id;
  }
  void deploy(const model::Worker& worker, const std::vector<model::DeploymentTarget>& versions) {
    model::Deployment made;
    made.id = store_.entropy.uuid();
    made.worker_tag = worker.tag;
    made.created_on = store_.clock.now();
    made.versions = versions;
    EXPECT_TRUE(store_.versions.add_deployment(made));
  }
  Errc refusal(const std::string& label, const std::string& subdomain = "acme") {
    const Result<Route> found = routes_.route(subdomain, label);
    return found ? Errc::internal : found.error().code;
  }
  std::uint64_t generation() { return store_.feed.changes().routes.load(); }

  testing::StoreGround& store_ = t;
  model::Account account_ = store_.add_account("acme");
  model::Worker shop_ = store_.add_worker(account_.id, "shop");
  RouteResolver& routes_ = t.route_resolver;
};

TEST_P(RouteResolution, LeadToTheCurrentDeployment) {
  EXPECT_EQ(refusal("shop"), Errc::conflict) << "nothing deployed";
  const Uuid one = add_version(shop_);
  const Uuid two = add_version(shop_);
  deploy(shop_, {{one, 100}});
  deploy(shop_, {{one, 90}, {two, 10}});
  const Result<Route> found = routes_.route("acme", "shop");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->account_id, account_.id);
  EXPECT_EQ(found->worker_name, "shop");
  EXPECT_EQ(found->preview, "");
  ASSERT_EQ(found->versions.size(), 2U);
  EXPECT_EQ(found->versions[1].version_id, two);
  EXPECT_EQ(found->versions[1].percentage, 10);
}

TEST_P(RouteResolution, LeadToVersionsAndAliases) {
  const Uuid one = add_version(shop_, "pr-1");
  const std::string label = one.str().substr(0, 8);
  for (const std::string& name : {label, std::string("pr-1")}) {
    const Result<Route> found = routes_.route("acme", name + "-shop");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->preview, name);
    EXPECT_EQ(found->versions.at(0).version_id, one);
  }
  EXPECT_EQ(refusal("00000000-shop"), Errc::not_found);
  EXPECT_EQ(refusal("pr-2-shop"), Errc::not_found);
  EXPECT_EQ(refusal(label), Errc::not_found);
}

TEST_P(RouteResolution, TakeTheLongestWorkerNameThatFits) {
  const model::Worker longer = store_.add_worker(account_.id, "b-shop");
  const Uuid of_shop = add_version(shop_, "a-b");
  EXPECT_EQ(routes_.route("acme", "a-b-shop")->versions.at(0).version_id, of_shop)
      << "b-shop has no preview a";
  const Uuid of_longer = add_version(longer, "a");
  EXPECT_EQ(routes_.route("acme", "a-b-shop")->versions.at(0).version_id, of_longer);
  const model::Worker whole = store_.add_worker(account_.id, "a-b-shop");
  const Uuid of_whole = add_version(whole);
  deploy(whole, {{of_whole, 100}});
  EXPECT_EQ(routes_.route("acme", "a-b-shop")->versions.at(0).version_id, of_whole);
}

TEST_P(RouteResolution, StayWithinTheirAccount) {
  const Uuid one = add_version(shop_);
  deploy(shop_, {{one, 100}});
  store_.add_account("other");
  EXPECT_EQ(refusal("shop", "other"), Errc::not_found);
  EXPECT_EQ(refusal("shop", "nobody"), Errc::not_found);
  EXPECT_EQ(routes_.service(account_.id, "shop")->versions.at(0).version_id, one);
  EXPECT_FALSE(routes_.service("0123456789abcdef0123456789abcdef", "shop"));
}

TEST_P(RouteResolution, HonourTheSwitchesOfTheWorker) {
  const Uuid one = add_version(shop_, "pr-1");
  deploy(shop_, {{one, 100}});
  shop_.subdomain_enabled = false;
  ASSERT_TRUE(store_.workers.update_worker(shop_));
  EXPECT_EQ(refusal("shop"), Errc::forbidden);
  EXPECT_TRUE(routes_.route("acme", "pr-1-shop"));
  EXPECT_TRUE(routes_.service(account_.id, "shop")) << "its neighbours may still call it";
  shop_.previews_enabled = false;
  ASSERT_TRUE(store_.workers.update_worker(shop_));
  EXPECT_EQ(refusal("pr-1-shop"), Errc::forbidden);
}

TEST_P(RouteResolution, CountEveryChangeThatDecidesThem) {
  std::uint64_t before = generation();
  const auto changed = [&] { return generation() != std::exchange(before, generation()); };
  const Uuid one = add_version(shop_, "pr-1");
  EXPECT_TRUE(changed());
  deploy(shop_, {{one, 100}});
  EXPECT_TRUE(changed());
  NewVersion other;
  other.version.id = store_.entropy.uuid();
  other.version.worker_tag = shop_.tag;
  other.alias = "pr-2";
  other.max_aliases = 1;
  ASSERT_TRUE(store_.versions.add_version(other));
  EXPECT_TRUE(changed()) << "an alias that gives way";
  ASSERT_TRUE(store_.accounts.set_subdomain(account_.id, "acme2"));
  EXPECT_TRUE(changed());
  ASSERT_TRUE(store_.workers.delete_worker(account_.id, "shop", store_.clock.now()));
  EXPECT_TRUE(changed());
  ASSERT_TRUE(store_.workers.workers(account_.id));
  EXPECT_FALSE(changed()) << "reading changes nothing";
}

TEST_P(RouteResolution, NoTwoAccountsHaveOneSubdomain) {
  const model::Account other{store_.entropy.hex32(), "Acme again", "acme", store_.clock.now()};
  const Status added = store_.accounts.add_account(other);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::conflict);
  EXPECT_EQ(added.error().field, "subdomain");
  const model::Account second = store_.add_account("second");
  const Status moved = store_.accounts.set_subdomain(second.id, "acme");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, Errc::conflict);
  EXPECT_TRUE(store_.accounts.set_subdomain(second.id, "second"));
}

KILN_CONTRACT(RouteResolution);

}  // namespace
}  // namespace kiln::store::contract
