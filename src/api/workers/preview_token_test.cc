// What the token of a build opens, by the trust in its branch: every route of the Workers API, one by one.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <string>

#include "api/auth.h"
#include "api/workers/routes.h"
#include "base/hash.h"
#include "events/local_hub.h"
#include "testing/memory_store.h"
#include "workers/account_hosts.h"
#include "workers/blob_store.h"
#include "workers/ports_for_test.h"
#include "workers/tails.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

struct TokenAnswer {
  int status = 0;
  std::int64_t code = 0;
  std::string message;
};

class PreviewTokenTest : public ::testing::Test {
 protected:
  PreviewTokenTest() {
    add_workers_routes(router_, gate_, deps_);
    add_workers_routes(generous_router_, generous_, deps_);
  }

  // The token of a running build of that branch.
  std::string token_of(const std::string& branch) {
    store_.add_build(trigger_, branch);
    store::ClaimRequest claim = store_.make_claim("runner-1", 100);
    const std::string token = "kiln_b_" + branch;
    claim.token_hash = sha256(token);
    (void)store_.claim_next(claim);
    return token;
  }

  TokenAnswer ask(const http::Router& router, const std::string& token, const http::Route& route,
                  const std::string& worker_name) {
    http::Request request;
    request.method = route.method;
    request.body = "{}";
    request.headers.emplace_back("authorization", "Bearer " + token);
    std::string path = route.pattern;
    for (const auto& [name, value] :
         {std::pair{"{account_id}", account_.id}, std::pair{"{script_name}", worker_name}}) {
      if (const std::size_t at = path.find(name); at != std::string::npos)
        path.replace(at, std::string(name).size(), value);
    }
    EXPECT_TRUE(http::parse_target(path, request));
    const Result<const http::Route*> found = router.match(request);
    EXPECT_TRUE(found) << path;
    const http::Reply reply = (*found)->handler(request);
    const auto* response = std::get_if<http::Response>(&reply);
    if (response == nullptr) return {};
    boost::system::error_code error;
    const json::value body = json::parse(response->body, error);
    if (error || !body.is_object() || body.at("errors").as_array().empty()) return {response->status, 0, {}};
    const json::value& first = body.at("errors").as_array()[0];
    return {response->status, first.at("code").to_number<std::int64_t>(),
            first.at("message").as_string().c_str()};
  }

  // "METHOD pattern" of the writing routes that let this token pass the gate.
  std::set<std::string> open_to(const http::Router& router, const std::string& token) {
    std::set<std::string> open;
    for (const auto& route : router.routes()) {
      // Files come with the session's own token.
      if (route->method == "GET" || route->pattern.find("/workers/assets/upload") != std::string::npos)
        continue;
      if (ask(router, token, *route, worker_.name).code != 10000)
        open.insert(route->method + " " + tail_of(*route));
    }
    return open;
  }

  static std::string tail_of(const http::Route& route) {
    constexpr std::string_view account = "/client/v4/accounts/{account_id}/workers/";
    return route.pattern.starts_with(account) ? route.pattern.substr(account.size()) : route.pattern;
  }

  testing::TestStore store_;
  model::Account account_ = store_.add_account();
  model::Worker worker_ = store_.add_worker(account_.id, "shop");
  model::Trigger trigger_ = everything_of(store_.add_trigger(worker_));
  events::LocalHub hub_;
  workers::BlobStore blobs_{store_.folder.path() / "blobs"};
  workers::AccountHosts hosts_{store_.accounts, "localhost"};
  workers::Ports ports_ = workers::ports_of(store_, blobs_, hosts_);
  workers::Tails tails_{store_.clock, store_.entropy, hub_};
  WorkersDeps deps_{ports_, store_.accounts, tails_};
  Gate gate_{store_.accounts, store_.database->changes(), store_.clock, 4711, 0};
  Gate generous_{store_.accounts,          store_.database->changes(), store_.clock, 4711, 0,
                 model::PreviewToken::full};
  http::Router router_;
  http::Router generous_router_;

 private:
  // Of main by name, and of all others.
  model::Trigger everything_of(model::Trigger trigger) {
    trigger.branch_includes = {"main", "*"};
    EXPECT_TRUE(store_.triggers.update_trigger(trigger));
    return trigger;
  }
};

const std::set<std::string> kPreviews = {
    "POST scripts/{script_name}/versions",
    "POST scripts/{script_name}/assets-upload-session",
    "POST workers/{script_name}/previews",
    "PATCH workers/{script_name}/previews/{preview}",
    "DELETE workers/{script_name}/previews/{preview}",
    "POST workers/{script_name}/previews/{preview}/deployments",
    "PATCH workers/{script_name}/previews/{preview}/deployments/{deployment}",
};

TEST_F(PreviewTokenTest, OpensVersionsAndPreviewsAndNoOtherRouteThatWrites) {
  EXPECT_EQ(open_to(router_, token_of("feature")), kPreviews);
  EXPECT_EQ(open_to(router_, token_of("stranger:main")), kPreviews);
}

TEST_F(PreviewTokenTest, OpensAllForABranchThatTheTriggerNames) {
  const std::set<std::string> open = open_to(router_, token_of("main"));
  for (const char* route : {"POST scripts/{script_name}/deployments", "PUT scripts/{script_name}/secrets",
                            "PUT scripts/{script_name}", "PUT scripts/{script_name}/schedules",
                            "POST scripts/{script_name}/subdomain", "PATCH scripts/{script_name}/settings",
                            "PATCH workers/{script_name}/versions/latest"}) {
    EXPECT_TRUE(open.contains(route)) << route;
  }
}

TEST_F(PreviewTokenTest, OpensAllWhereTheServerSaysSoButNotForForks) {
  EXPECT_EQ(open_to(generous_router_, token_of("feature")), open_to(router_, token_of("main")));
  EXPECT_EQ(open_to(generous_router_, token_of("stranger:main")), kPreviews);
}

TEST_F(PreviewTokenTest, ReadsItsWorkerAsBefore) {
  const std::string token = token_of("feature");
  for (const auto& route : router_.routes()) {
    if (route->method != "GET") continue;
    EXPECT_NE(ask(router_, token, *route, "shop").code, 10000) << route->pattern;
  }
}

TEST_F(PreviewTokenTest, SaysWhatWasRefusedWhyAndWhatOpensIt) {
  const std::string feature = token_of("feature");
  const std::string fork = token_of("stranger:main");
  for (const auto& route : router_.routes()) {
    if (route->method != "POST" || !route->pattern.ends_with("{script_name}/deployments")) continue;
    const TokenAnswer refused = ask(router_, feature, *route, "shop");
    EXPECT_EQ(refused.status, 403);
    for (const char* words : {"'feature'", "POST workers/scripts/shop/deployments", "versions upload",
                              "branch_includes", "builds.preview_token"}) {
      EXPECT_NE(refused.message.find(words), std::string::npos) << words << " in: " << refused.message;
    }
    EXPECT_NE(ask(router_, fork, *route, "shop").message.find("fork's pull request"), std::string::npos);
  }
}

// Whatever the branch.
TEST_F(PreviewTokenTest, WritesToNoOtherWorkerOfTheAccount) {
  store_.add_worker(account_.id, "other");
  for (const std::string& token : {token_of("main"), token_of("feature")}) {
    for (const auto& route : router_.routes()) {
      if (route->method == "GET" || route->pattern.find("{script_name}") == std::string::npos) continue;
      const TokenAnswer answer = ask(router_, token, *route, "other");
      EXPECT_TRUE(answer.status == 403 || answer.status == 404)
          << route->method << " " << route->pattern << ": " << answer.status << " " << answer.message;
    }
  }
}

}  // namespace
}  // namespace kiln::api
