// Acts of the audit as the gate begins them, over plain request values.
#include "api/acts.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/auth.h"
#include "api/error_table.h"
#include "base/hash.h"
#include "testing/memory_store.h"

namespace kiln::api {
namespace {

class ActsOfTheGate : public ::testing::Test {
 protected:
  ActsOfTheGate() {
    model::ApiToken token{
        store_.entropy.uuid(), account_.id, "laptop", *model::Permissions::parse("ci:write,scripts:write"),
        store_.clock.now(),    {},          {},       {}};
    token_ = token.id;
    EXPECT_TRUE(store_.accounts.add_token(token, sha256("secret")));
    token.id = store_.entropy.uuid();
    token.name = "ops";
    token.permissions = *model::Permissions::parse("admin");
    EXPECT_TRUE(store_.accounts.add_token(token, sha256("administrator")));
  }

  static http::Request request_for(const std::string& method, const char* pattern,
                                   std::vector<std::pair<std::string, std::string>> params,
                                   const std::string& token = "secret") {
    http::Request request;
    request.method = method;
    request.pattern = pattern;
    request.path = "/client/v4/x";
    request.params = std::move(params);
    request.peer = "192.0.2.7";
    request.headers.emplace_back("authorization", "Bearer " + token);
    return request;
  }
  http::Request trigger_change() {
    return request_for("PATCH", "/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}",
                       {{"account_id", account_.id}, {"trigger_uuid", "t-1"}});
  }
  int ask(const http::Request& request, const CallHandler& handler, Needs needs = Needs::any) {
    const http::Reply reply = gate_.guard(needs, handler).handler(request);
    return std::get<http::Response>(reply).status;
  }
  std::vector<model::AuditEntry> audit() { return *store_.audit.entries({}, std::nullopt, 100); }

  static Result<http::Reply> nothing(const Call& /*call*/) { return success_response(nullptr); }
  CallHandler limiting() {
    return [this](const Call&) -> Result<http::Reply> {
      if (Status set = store_.accounts.set_build_minutes(account_.id, ++minutes_); !set)
        return tl::unexpected<Error>(set.error());
      return success_response(nullptr);
    };
  }

  testing::TestStore store_;
  model::Account account_ = store_.add_account();
  Uuid token_;
  int minutes_ = 0;
  Gate gate_{store_.accounts,
             store_.database->changes(),
             store_.clock,
             4711,
             3,
             model::PreviewToken::previews,
             nullptr,
             &store_.audit};
};

TEST_F(ActsOfTheGate, TellWhoDidWhatOnWhat) {
  EXPECT_EQ(ask(trigger_change(), limiting()), 200);
  ASSERT_EQ(audit().size(), 1U);
  const model::AuditEntry entry = audit().front();
  EXPECT_EQ(entry.action, "updateTrigger");
  EXPECT_EQ(entry.target, "t-1");
  EXPECT_EQ(entry.account_id, account_.id);
  EXPECT_EQ(entry.address, "192.0.2.7");
  EXPECT_EQ(entry.who.kind, "token");
  EXPECT_EQ(entry.who.id, token_.str());
  EXPECT_EQ(entry.who.name, "laptop");
  EXPECT_NE(entry.changes_json.find("build_minutes"), std::string::npos);
}

TEST_F(ActsOfTheGate, AreToldThoughTheyChangedNothing) {
  EXPECT_EQ(ask(trigger_change(), nothing), 200);
  ASSERT_EQ(audit().size(), 1U);
  EXPECT_EQ(audit().front().changes_json, "[]");
}

TEST_F(ActsOfTheGate, AreNoneWhereARequestReadsOrIsRefused) {
  http::Request reading = trigger_change();
  reading.method = "GET";
  EXPECT_EQ(ask(reading, limiting()), 200);
  EXPECT_EQ(ask(request_for("POST", "/client/v4/accounts/{account_id}/builds/deliveries/match",
                            {{"account_id", account_.id}}),
                limiting()),
            200);
  EXPECT_EQ(
      ask(trigger_change(), [](const Call&) -> Result<http::Reply> { return fail(Errc::conflict, "no"); }),
      409);
  EXPECT_EQ(ask(trigger_change(), nothing, Needs::admin), 403);
  EXPECT_TRUE(audit().empty());
}

TEST_F(ActsOfTheGate, OfWhatMovesAreToldByTheirChangesAlone) {
  http::Request pull = request_for("POST", "/client/v4/accounts/{account_id}/queues/{queue_id}/messages/pull",
                                   {{"account_id", account_.id}, {"queue_id", "q"}});
  EXPECT_EQ(ask(pull, nothing), 200);
  EXPECT_TRUE(audit().empty());
  EXPECT_EQ(ask(pull, limiting()), 200);
  EXPECT_EQ(audit().size(), 1U);
}

TEST_F(ActsOfTheGate, OfAdministratorsOnNoAccountAreTheInstallations) {
  EXPECT_EQ(ask(request_for("POST", "/kiln/v1/accounts", {}, "administrator"), limiting(), Needs::admin),
            200);
  EXPECT_EQ(audit().front().account_id, "");
  EXPECT_EQ(audit().front().who.name, "ops");
  http::Request owner = request_for("POST", "/kiln/v1/accounts", {});
  owner.peer_uid = 4711;
  owner.peer = "unix";
  EXPECT_EQ(ask(owner, limiting(), Needs::admin), 200);
  EXPECT_EQ(audit().front().who.kind, "administrator");
  EXPECT_EQ(audit().front().who.id, "uid 4711");
}

TEST_F(ActsOfTheGate, HoldNoAddressThatLetsSomebodyIn) {
  const http::Request posted =
      request_for("POST", "/client/v4/workers/builds/deploy_hooks/{deploy_hook_uuid}",
                  {{"deploy_hook_uuid", "c0a8f3d2-5e6b-4f7a-9c1d-3b2e4f5a6d70"}});
  const auto handler = Gate::open([&](const http::Request&) -> Result<http::Reply> {
    acts_as({"hook", "", "deploy hook nightly"}, account_.id);
    acts_on("shop");
    return limiting()(Call{posted, {}, {}});
  });
  EXPECT_EQ(std::get<http::Response>(handler(posted)).status, 200);
  ASSERT_EQ(audit().size(), 1U);
  EXPECT_EQ(audit().front().action, "triggerDeployHook");
  EXPECT_EQ(audit().front().target, "shop");
  EXPECT_EQ(audit().front().who.kind, "hook");
  EXPECT_EQ(audit().front().account_id, account_.id);
}

TEST_F(ActsOfTheGate, WaitForTheAnswerThatIsOne) {
  EXPECT_FALSE(is_done(http::Wait{"topic", 1}));
  EXPECT_FALSE(is_done(http::Response{409, {}, {}}));
  EXPECT_TRUE(is_done(http::Response{202, {}, {}}));
}

}  // namespace
}  // namespace kiln::api
