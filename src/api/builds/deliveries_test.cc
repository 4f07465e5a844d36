// Deliveries as their readers see them, over plain request values and a real store.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/builds/routes.h"
#include "api/error_table.h"
#include "base/hash.h"
#include "events/local_hub.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

class DeliveriesTest : public ::testing::Test {
 protected:
  DeliveriesTest() {
    add_builds_routes(router_, gate_,
                      {store_.builds, store_.connections, store_.triggers, store_.build_tokens,
                       store_.workers, store_.deploy_hooks, store_.deliveries, queue_, store_.clock,
                       store_.entropy, texts_, nullptr, nullptr, nullptr, git_hosts_});
    for (const auto& [text, rights] :
         {std::pair("reader", "ci:read"), std::pair("deployer", "scripts:write")}) {
      const model::ApiToken token{store_.entropy.uuid(),
                                  trigger_.account_id,
                                  "t",
                                  *model::Permissions::parse(rights),
                                  store_.clock.now(),
                                  {},
                                  {},
                                  {}};
      EXPECT_TRUE(store_.accounts.add_token(token, sha256(text)));
    }
  }

  struct Answer {
    int status = 0;
    json::object body;
    [[nodiscard]] const json::value& result() const { return body.at("result"); }
    [[nodiscard]] std::string words() const {
      return body.at("errors").at(0).at("message").as_string().c_str();
    }
  };

  Answer ask(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& token = "reader") {
    http::Request request;
    request.method = method;
    request.body = body;
    request.headers.emplace_back("authorization", "Bearer " + token);
    EXPECT_TRUE(http::parse_target("/client/v4/accounts/" + trigger_.account_id + "/builds/deliveries" + path,
                                   request));
    const Result<const http::Route*> route = router_.match(request);
    const auto response =
        route ? std::get<http::Response>((*route)->handler(request)) : error_response(request, route.error());
    return {response.status, json::parse(response.body).as_object()};
  }

  Uuid push(const std::string& branch, const std::string& commit) {
    model::PushEvent event;
    event.provider = "git";
    event.delivery_id = commit;
    event.ref = "refs/heads/" + branch;
    event.after = commit;
    EXPECT_TRUE(queue_.take_push(trigger_.connection, {event}, nullptr));
    return store_.deliveries.deliveries(trigger_.account_id, {}, {})->items.at(0).uuid;
  }

  testing::TestStore store_;
  model::Trigger trigger_ = store_.add_trigger();
  scm::HostSlots git_hosts_{{1, 1}};
  events::LocalHub hub_;
  queue::Queue queue_{queue::stores_of(store_), hub_, store_.clock, store_.entropy, queue::Settings{}};
  workers::AccountHosts hosts_{store_.accounts, "localhost"};
  Gate gate_{store_.accounts, store_.database->changes(), store_.clock, 4711, 0};
  read_cache::BuildTexts texts_{
      store_.builds, store_.triggers, hosts_, store_.database->changes(), wire::EnvironmentForm::strings, {}};
  http::Router router_;
};

TEST_F(DeliveriesTest, AreListedAndShownOneByOneWithVerdicts) {
  const Uuid passed = push("feature/x", std::string(40, 'a'));
  const Uuid built = push("main", std::string(40, 'b'));
  const Answer list = ask("GET", "");
  ASSERT_EQ(list.status, 200);
  EXPECT_EQ(list.body.at("result_info").at("total_count").to_number<int>(), 2);
  EXPECT_EQ(list.result().at(0).at("delivery_uuid").as_string(), built.str());
  const Answer one = ask("GET", "/" + passed.str());
  ASSERT_EQ(one.status, 200);
  EXPECT_EQ(one.result(), list.result().at(1));
  const json::value& verdict = one.result().at("verdicts").at(0);
  EXPECT_EQ(verdict.at("decision").as_string(), "passed_over");
  EXPECT_EQ(verdict.at("rule").as_string(), "the branch patterns (main) do not include feature/x");
  EXPECT_EQ(verdict.at("trigger_uuid").as_string(), trigger_.uuid.str());
  EXPECT_TRUE(verdict.at("build_uuid").is_null());
  EXPECT_TRUE(list.result().at(0).at("verdicts").at(0).at("build_uuid").is_string());
  EXPECT_EQ(ask("GET", "/" + store_.entropy.uuid().str()).status, 404);
  EXPECT_EQ(ask("GET", "/nonsense").status, 404);
}

TEST_F(DeliveriesTest, AreNarrowedToAWorkerABranchACommitOrAnId) {
  push("feature/x", std::string(40, 'a'));
  push("main", std::string(40, 'b'));
  const auto count = [&](const std::string& query) {
    return ask("GET", "?" + query).body.at("result_info").at("total_count").to_number<int>();
  };
  EXPECT_EQ(count("branch=feature%2Fx"), 1);
  EXPECT_EQ(count("commit=BBBBBBB"), 1);
  EXPECT_EQ(count("commit=ccccccc"), 0);
  EXPECT_EQ(count("script_tag=" + trigger_.worker_tag), 2);
  EXPECT_EQ(count("script_tag=" + std::string(32, '0')), 0);
  EXPECT_EQ(count("provider_delivery_id=" + std::string(40, 'a')), 1);
  EXPECT_EQ(ask("GET", "?commit=main").status, 400);
  EXPECT_EQ(ask("GET", "?per_page=201").status, 400);
}

TEST_F(DeliveriesTest, MatchSaysWhatAPushWouldDoAndStoresNothing) {
  model::Trigger narrow = trigger_;
  narrow.path_includes = {"src/*"};
  ASSERT_TRUE(store_.triggers.update_trigger(narrow));
  const auto verdict = [&](const std::string& more) {
    const Answer answer =
        ask("POST", "/match", R"({"script_tag":")" + trigger_.worker_tag + R"(","branch":)" + more + "}");
    EXPECT_EQ(answer.status, 200) << json::serialize(answer.body);
    const json::value& only = answer.result().at("verdicts").at(0);
    return std::string(only.at("decision").as_string()) + ": " + only.at("rule").as_string().c_str();
  };
  EXPECT_EQ(verdict(R"("x")"), "passed_over: the branch patterns (main) do not include x");
  EXPECT_EQ(verdict(R"("main","paths":["docs/a"])"),
            "skipped: none of the 1 changed files matches the trigger's path patterns (docs/a)");
  EXPECT_EQ(verdict(R"("main","paths":["docs/a","src/b"])"),
            "built: the branch pattern main includes main, and the path pattern src/* includes src/b");
  EXPECT_EQ(verdict(R"("main")"),
            "built: the branch pattern main includes main, and which files changed is not known");
  EXPECT_EQ(verdict(R"("main","message":"Docs [skip ci]")"), "skipped: the commit message says [skip ci]");
  EXPECT_EQ(store_.deliveries.deliveries(trigger_.account_id, {}, {})->total, 0U);
  EXPECT_EQ(store_.builds.builds_of_account(trigger_.account_id, {})->total, 0U);
}

TEST_F(DeliveriesTest, MatchTakesAConnectionToo) {
  const std::string of_connection =
      R"({"branch":"main","repo_connection_uuid":")" + trigger_.connection.uuid.str() + R"("})";
  const Answer answer = ask("POST", "/match", of_connection);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.result().at("verdicts").as_array().size(), 1U);
  EXPECT_TRUE(answer.result().at("verdicts").at(0).at("commit_hash").is_null());
}

TEST_F(DeliveriesTest, MatchSaysWhatIsWrongWithItsBody) {
  const auto refused = [&](const std::string& body) {
    const Answer answer = ask("POST", "/match", body);
    EXPECT_EQ(answer.status, 400) << body;
    return answer.words();
  };
  EXPECT_EQ(refused(R"({"branch":"main"})"),
            "Invalid request body: script_tag or repo_connection_uuid is required");
  EXPECT_NE(refused(R"({"script_tag":"x"})").find("branch"), std::string::npos);
  EXPECT_NE(refused(R"({"script_tag":"x","branch":"a..b"})").find("branch"), std::string::npos);
  EXPECT_EQ(refused(R"({"script_tag":"x","branch":"main"})"),
            "Invalid request body: script_tag names nothing that this account has");
  const std::string other =
      store_.add_trigger(store_.add_worker(store_.add_account("o").id)).connection.uuid.str();
  EXPECT_EQ(refused(R"({"branch":"main","repo_connection_uuid":")" + other + R"("})"),
            "Invalid request body: repo_connection_uuid names nothing that this account has");
}

TEST_F(DeliveriesTest, AreReadWithTheRightToReadBuilds) {
  EXPECT_EQ(ask("GET", "", "", "deployer").status, 403);
  EXPECT_EQ(ask("POST", "/match", "{}", "deployer").status, 403);
  EXPECT_EQ(ask("GET", "", "", "nobody").status, 401);
}

}  // namespace
}  // namespace kiln::api
