// Deploy hooks as their clients see them, over plain request values and a real store.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/routes.h"
#include "api/error_table.h"
#include "base/log.h"
#include "events/local_hub.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr unsigned kHookOwner = 4711;

struct HookAnswer {
  int status = 0;
  http::Headers headers;
  json::object body;

  [[nodiscard]] json::object result() const { return body.at("result").as_object(); }
  [[nodiscard]] std::string text(const char* key) const { return result().at(key).as_string().c_str(); }
  [[nodiscard]] std::int64_t code() const {
    return body.at("errors").at(0).at("code").to_number<std::int64_t>();
  }
  [[nodiscard]] std::string words() const {
    return body.at("errors").at(0).at("message").as_string().c_str();
  }
};

class DeployHooksTest : public ::testing::Test {
 protected:
  DeployHooksTest() {
    add_builds_routes(
        router_, gate_,
        {store_.builds, store_.connections, store_.triggers, store_.build_tokens, store_.workers,
         store_.deploy_hooks, store_.deliveries, queue_, store_.clock, store_.entropy, texts_,
         [this](const model::RepoConnection&, const std::string& branch, const std::string&) {
           return head_of(branch);
         },
         nullptr, nullptr, git_hosts_});
  }

  Result<CommitInfo> head_of(const std::string& branch) const {
    if (!branch_is_there_) return fail(Errc::not_found, "there is no branch " + branch);
    return CommitInfo{std::string(40, 'c'), "Say hello", "Ada"};
  }

  // As the administrator, or as anybody.
  HookAnswer ask(const std::string& method, const std::string& path, const std::string& body = "",
                 bool known = true) {
    http::Request request;
    request.method = method;
    request.body = body;
    if (known) request.peer_uid = kHookOwner;
    EXPECT_TRUE(http::parse_target("/client/v4" + path, request));
    const Result<const http::Route*> route = router_.match(request);
    const auto response =
        route ? std::get<http::Response>((*route)->handler(request)) : error_response(request, route.error());
    return {response.status, response.headers, json::parse(response.body).as_object()};
  }

  [[nodiscard]] std::string hooks_path(const std::string& account,
                                       const std::string& worker = "hello") const {
    return "/accounts/" + account + "/builds/workers/" + worker + "/deploy_hooks";
  }
  [[nodiscard]] std::string hooks_path() const { return hooks_path(trigger_.account_id); }

  std::string create(const std::string& name = "cms", const std::string& branch = "main") {
    return ask("POST", hooks_path(),
               fmt::format(R"({{"deploy_hook_name":"{}","branch":"{}"}})", name, branch))
        .text("deploy_hook_uuid");
  }

  HookAnswer trigger(const std::string& uuid) {
    return ask("POST", "/workers/builds/deploy_hooks/" + uuid, "", false);
  }

  testing::TestStore store_;
  model::Trigger trigger_ = store_.add_trigger();
  events::LocalHub hub_;
  queue::Queue queue_{queue::stores_of(store_), hub_, store_.clock, store_.entropy, queue::Settings{}};
  Gate gate_{store_.accounts, store_.database->changes(), store_.clock, kHookOwner, 0};
  workers::AccountHosts hosts_{store_.accounts, "localhost"};
  read_cache::BuildTexts texts_{
      store_.builds, store_.triggers, hosts_, store_.database->changes(), wire::EnvironmentForm::strings, {}};
  scm::HostSlots git_hosts_{{1, 9}, [this](const std::string& topic) { freed_.push_back(topic); }};
  std::vector<std::string> freed_;
  http::Router router_;
  bool branch_is_there_ = true;
};

TEST_F(DeployHooksTest, AreMadeShownChangedAndDeleted) {
  const HookAnswer made = ask("POST", hooks_path(), R"({"deploy_hook_name":"cms","branch":"main"})");
  ASSERT_EQ(made.status, 200) << json::serialize(made.body);
  EXPECT_EQ(made.result().size(), 6U);
  EXPECT_EQ(made.text("deploy_hook_name"), "cms");
  EXPECT_EQ(made.text("branch"), "main");
  EXPECT_EQ(made.text("external_script_id"), trigger_.worker_tag);
  EXPECT_EQ(made.text("created_on"), made.text("modified_on"));
  const std::string one = hooks_path() + "/" + made.text("deploy_hook_uuid");
  EXPECT_EQ(ask("GET", one).result(), made.result());
  store_.clock.advance(1000);
  const HookAnswer changed = ask("PUT", one, R"({"deploy_hook_name":"cron","branch":"dev"})");
  EXPECT_EQ(changed.text("deploy_hook_name"), "cron");
  EXPECT_EQ(changed.text("branch"), "dev");
  EXPECT_EQ(changed.text("created_on"), made.text("created_on"));
  EXPECT_NE(changed.text("modified_on"), made.text("modified_on"));
  EXPECT_EQ(ask("DELETE", one).result(), changed.result());
  EXPECT_EQ(ask("GET", one).code(), 12000);
  EXPECT_EQ(ask("DELETE", one).code(), 12000);
}

TEST_F(DeployHooksTest, SayInTheListWhenTheyBuiltLast) {
  const std::string uuid = create();
  const json::value before = ask("GET", hooks_path()).body.at("result");
  ASSERT_EQ(before.as_array().size(), 1U);
  EXPECT_TRUE(before.at(0).at("latest_build").is_null());
  store_.clock.advance(1000);
  const HookAnswer built = trigger(uuid);
  const HookAnswer list = ask("GET", hooks_path());
  EXPECT_EQ(list.body.at("result").at(0).at("latest_build"),
            json::value({{"created_on", built.text("created_on")}}));
  EXPECT_FALSE(list.body.at("result_info").at("next_page").as_bool());
  EXPECT_EQ(list.body.at("result_info").at("total_count").to_number<int>(), 1);
}

TEST_F(DeployHooksTest, RefuseABadBodyByTheFieldsName) {
  const std::string good_name = R"("deploy_hook_name":"cms")";
  const std::string good_branch = R"("branch":"main")";
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"{" + good_branch + "}", "deploy_hook_name"},
      {"{" + good_name + "}", "branch"},
      {R"({"deploy_hook_name":"",)" + good_branch + "}", "deploy_hook_name"},
      {R"({"deploy_hook_name":")" + std::string(59, 'x') + R"(",)" + good_branch + "}", "deploy_hook_name"},
      {R"({"deploy_hook_name":7,)" + good_branch + "}", "deploy_hook_name"},
      {R"({"branch":"a b",)" + good_name + "}", "branch"},
      {R"({"branch":"--upload-pack=x",)" + good_name + "}", "branch"},
      {"", "empty"}};
  const std::string one = hooks_path() + "/" + create("other");
  for (const auto& [body, word] : bodies) {
    for (const HookAnswer& answer : {ask("POST", hooks_path(), body), ask("PUT", one, body)}) {
      EXPECT_EQ(answer.status, 400) << body;
      EXPECT_EQ(answer.code(), 12002) << body;
      EXPECT_NE(answer.words().find(word), std::string::npos) << answer.words();
    }
  }
}

TEST_F(DeployHooksTest, CountCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 58; ++i) name += "ü";
  EXPECT_EQ(ask("GET", hooks_path() + "/" + create(name)).text("deploy_hook_name"), name);
  EXPECT_EQ(ask("POST", hooks_path(), R"({"branch":"main","deploy_hook_name":")" + name + R"(ü"})").code(),
            12002);
}

TEST_F(DeployHooksTest, NameFieldsThatNobodyKnows) {
  const HookAnswer made =
      ask("POST", hooks_path(), R"({"deploy_hook_name":"cms","branch":"main","colour":1})");
  ASSERT_EQ(made.status, 200);
  EXPECT_NE(json::serialize(made.body.at("messages")).find("colour"), std::string::npos);
}

TEST_F(DeployHooksTest, HaveNamesOfTheirOwn) {
  create("cms");
  const std::string second = hooks_path() + "/" + create("cron");
  const std::string taken = R"({"deploy_hook_name":"cms","branch":"dev"})";
  for (const HookAnswer& answer : {ask("POST", hooks_path(), taken), ask("PUT", second, taken)}) {
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.code(), 12004);
    EXPECT_NE(answer.words().find("'cms'"), std::string::npos);
  }
}

TEST_F(DeployHooksTest, AreNotFoundFromAnotherAccountOrWorker) {
  const model::Trigger foreign = store_.add_trigger();
  store_.add_worker(trigger_.account_id, "sibling");
  const std::string uuid = create();
  const std::vector<std::string> elsewhere = {hooks_path(foreign.account_id),
                                              hooks_path(trigger_.account_id, "sibling"),
                                              hooks_path(trigger_.account_id, "nobody")};
  const std::string body = R"({"deploy_hook_name":"x","branch":"main"})";
  for (const std::string& path : elsewhere) {
    EXPECT_EQ(ask("GET", path + "/" + uuid).code(), 12000);
    EXPECT_EQ(ask("PUT", path + "/" + uuid, body).code(), 12000);
    EXPECT_EQ(ask("DELETE", path + "/" + uuid).code(), 12000);
  }
  EXPECT_EQ(ask("GET", elsewhere[2]).code(), 12000);
  EXPECT_EQ(ask("POST", elsewhere[2], body).code(), 12000);
  EXPECT_EQ(ask("GET", hooks_path() + "/nonsense").code(), 12000);
  EXPECT_EQ(ask("GET", hooks_path(), "", false).code(), 1000) << "managing them needs a token";
}

TEST_F(DeployHooksTest, StartABuildForWhoeverKnowsTheUuid) {
  const std::string uuid = create();
  const HookAnswer built = trigger(uuid);
  ASSERT_EQ(built.status, 200) << json::serialize(built.body);
  EXPECT_EQ(built.result().size(), 6U);
  EXPECT_EQ(built.text("status"), "queued");
  EXPECT_EQ(built.text("branch"), "main");
  EXPECT_EQ(built.text("worker"), "hello");
  EXPECT_FALSE(built.result().at("already_exists").as_bool());
  const HookAnswer again = trigger(uuid);
  EXPECT_TRUE(again.result().at("already_exists").as_bool());
  EXPECT_EQ(again.text("build_uuid"), built.text("build_uuid"));
  EXPECT_EQ(again.text("created_on"), built.text("created_on"));
}

TEST_F(DeployHooksTest, TellWhoCallsTooOftenWhenToComeBack) {
  const std::string uuid = create();
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(trigger(uuid).status, 200);
    ASSERT_TRUE(queue_.cancel(trigger_.account_id,
                              store_.builds.builds_of_account(trigger_.account_id, {})->items[0].build.uuid,
                              "the test"));
    store_.clock.advance(1000);
  }
  const HookAnswer refused = trigger(uuid);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code(), 12005);
  EXPECT_NE(std::find(refused.headers.begin(), refused.headers.end(),
                      std::pair<std::string, std::string>("retry-after", "50")),
            refused.headers.end());
  store_.clock.advance(50'000);
  EXPECT_EQ(trigger(uuid).status, 200);
}

TEST_F(DeployHooksTest, SayWhyNothingCanBeBuilt) {
  const HookAnswer no_trigger = trigger(create("preview", "feature/x"));
  EXPECT_EQ(no_trigger.status, 409);
  EXPECT_EQ(no_trigger.code(), 12004);
  EXPECT_NE(no_trigger.words().find("'feature/x'"), std::string::npos);
  const std::string uuid = create();
  branch_is_there_ = false;
  const HookAnswer no_branch = trigger(uuid);
  EXPECT_EQ(no_branch.status, 409);
  EXPECT_NE(no_branch.words().find("'main'"), std::string::npos);
}

TEST_F(DeployHooksTest, AreUnknownOnceGone) {
  const std::string uuid = create();
  EXPECT_EQ(trigger("00000000-0000-4000-8000-000000000000").code(), 12000);
  EXPECT_EQ(trigger("nonsense").code(), 12000);
  ask("DELETE", hooks_path() + "/" + uuid);
  EXPECT_EQ(trigger(uuid).status, 404);
  EXPECT_EQ(ask("GET", "/workers/builds/deploy_hooks/" + uuid).status, 405) << "a link that is followed";
}

TEST_F(DeployHooksTest, StayOutOfTheLogWhenAnAnswerFails) {
  log::start("kiln", log::Level::error);
  const std::string uuid = create();
  for (const std::string& path :
       {"/client/v4/workers/builds/deploy_hooks/" + uuid, "/client/v4/workers/builds/deploy%5Fhooks/" + uuid,
        "/client/v4" + hooks_path() + "/" + uuid}) {
    http::Request request;
    request.method = "POST";
    ASSERT_TRUE(http::parse_target(path, request));
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(error_response(request, {Errc::io, "disk I/O error", {}}).status, 500);
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find("hooks/[secret]"), std::string::npos) << log;
    EXPECT_EQ(log.find(uuid), std::string::npos) << log;
  }
}

TEST_F(DeployHooksTest, WaitForAPlaceAtTheirHostAndHoldNoThreadMeanwhile) {
  const std::string uuid = create();
  const std::string& url = trigger_.connection.clone_url;
  std::optional<scm::HostSlots::Slot> silent = git_hosts_.take(url);
  ASSERT_TRUE(silent);
  http::Request request;
  request.method = "POST";
  ASSERT_TRUE(http::parse_target("/client/v4/workers/builds/deploy_hooks/" + uuid, request));
  const http::Route& route = **router_.match(request);
  EXPECT_EQ(route.options.work, http::Work::git);
  const http::Reply waits = route.handler(request);
  ASSERT_TRUE(std::holds_alternative<http::Wait>(waits));
  EXPECT_EQ(std::get<http::Wait>(waits).topic, scm::HostSlots::topic(url));
  request.last_try = true;
  const auto refused = std::get<http::Response>(route.handler(request));
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find(scm::host_of(url)), std::string::npos) << refused.body;
  EXPECT_EQ(refused.headers.back(), (std::pair<std::string, std::string>{"retry-after", "30"}));
  silent.reset();
  EXPECT_EQ(freed_.back(), scm::HostSlots::topic(url));
  EXPECT_EQ(std::get<http::Response>(route.handler(request)).status, 200);
}

}  // namespace
}  // namespace kiln::api
