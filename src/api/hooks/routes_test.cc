// Hooks as their senders see them, over plain request values and a real store.
#include "api/hooks/routes.h"

#include "api/hooks/hooks_for_test.h"

namespace kiln::api {
namespace {

TEST_F(HooksTest, QueuesABuildBeforeGithubIsAnswered) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  const http::Response response = deliver(push_body("42", "acme/shop"), "s3cret");
  ASSERT_EQ(response.status, 200) << response.body;
  const json::object result = result_of(response);
  const json::object& made = result.at("builds").as_array().at(0).as_object();
  EXPECT_EQ(made.at("worker").as_string(), "hello");
  EXPECT_EQ(made.at("branch").as_string(), "main");
  EXPECT_EQ(made.at("status").as_string(), "queued");
  const auto uuid = Uuid::parse(std::string_view(made.at("build_uuid").as_string()));
  ASSERT_TRUE(uuid);
  const auto view = store_.builds.build(trigger.account_id, *uuid);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->build.metadata.commit_hash, kNew);
  EXPECT_EQ(view->build.metadata.author, "Ada");
}

TEST_F(HooksTest, NeverTakesTheCloneUrlOfAPayload) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  ASSERT_EQ(deliver(push_body("42", "acme/shop"), "s3cret").status, 200);
  const auto job = queue_.claim("r");
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->clone_url, trigger.connection.clone_url);
}

TEST_F(HooksTest, AnswersARedeliveryLikeTheFirstAndBuildsOnce) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  const json::object first = result_of(deliver(push_body("42", "acme/shop"), "s3cret"));
  const json::object again = result_of(deliver(push_body("42", "acme/shop"), "s3cret"));
  EXPECT_FALSE(first.at("duplicate").as_bool());
  EXPECT_TRUE(again.at("duplicate").as_bool());
  EXPECT_EQ(first.at("builds"), again.at("builds"));
  EXPECT_EQ(builds_of(trigger), 1U);
}

TEST_F(HooksTest, TellsStrangersNothing) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  const http::Response wrong = deliver(push_body("42", "acme/shop"), "guess");
  const http::Response unknown = deliver(push_body("43", "acme/other"), "guess");
  const http::Response broken = deliver("{", "guess");
  const http::Response unsigned_body = deliver(push_body("42", "acme/shop"), "");
  EXPECT_EQ(wrong.status, 401);
  for (const http::Response& other : {unknown, broken, unsigned_body}) {
    EXPECT_EQ(other.status, wrong.status);
    EXPECT_EQ(other.body, wrong.body);
    EXPECT_EQ(other.headers, wrong.headers);
  }
  EXPECT_EQ(builds_of(trigger), 0U);
}

TEST_F(HooksTest, LetsNobodyInWhenThereIsNoSecretAtAll) {
  const model::Trigger trigger = connect(store_.add_account().id, "github", "42", "");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "").status, 401);
  route("server-wide");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "").status, 401);
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "server-wide").status, 200);
  EXPECT_EQ(builds_of(trigger), 1U);
}

TEST_F(HooksTest, TheServerWideSecretDoesNotOpenAConnectionWithItsOwn) {
  connect(store_.add_account().id, "github", "42", "its own");
  route("server-wide");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "server-wide").status, 401);
}

TEST_F(HooksTest, BuildsForEveryAccountWhoseSecretSigned) {
  const model::Trigger mine = connect(store_.add_account("one").id, "github", "42", "shared");
  const model::Trigger theirs = connect(store_.add_account("two").id, "github", "42", "shared");
  const model::Trigger other = connect(store_.add_account("three").id, "github", "42", "different");
  const json::object result = result_of(deliver(push_body("42", "acme/shop"), "shared"));
  EXPECT_EQ(result.at("builds").as_array().size(), 2U);
  EXPECT_EQ(builds_of(mine), 1U);
  EXPECT_EQ(builds_of(theirs), 1U);
  EXPECT_EQ(builds_of(other), 0U);
}

TEST_F(HooksTest, LearnsTheRepositorysIdOnlyFromASignedDelivery) {
  const model::Trigger trigger =
      connect(store_.add_account().id, "github", "provisional:acme/shop", "s3cret");
  const auto repo_id = [&] {
    return store_.connections.connection(trigger.account_id, trigger.connection.uuid)->repo_id;
  };
  EXPECT_EQ(deliver(push_body("666", "acme/shop"), "guess").status, 401);
  EXPECT_EQ(repo_id(), "provisional:acme/shop");
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "s3cret").status, 200);
  EXPECT_EQ(repo_id(), "42");
  EXPECT_EQ(deliver(push_body("42", "acme/renamed"), "s3cret", "guid-2").status, 200);
}

TEST_F(HooksTest, AnswersAPingAndWantsADeliveryId) {
  connect(store_.add_account().id, "github", "42", "s3cret");
  const std::string ping = R"({"zen":"x","repository":{"id":42,"full_name":"acme/shop"}})";
  const http::Response response = deliver(ping, "s3cret", "guid", "ping");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(result_of(response).at("notes").as_array().size(), 1U);
  EXPECT_EQ(deliver(push_body("42", "acme/shop"), "s3cret", "").status, 400);
}

TEST_F(HooksTest, BuildsASignedBodyOnceWhateverIdItComesUnder) {
  connect(store_.add_account().id, "github", "42", "s3cret");
  const json::object first = result_of(deliver(push_body("42", "acme/shop"), "s3cret", "guid-1"));
  const json::object replayed = result_of(deliver(push_body("42", "acme/shop"), "s3cret", "guid-2"));
  EXPECT_TRUE(replayed.at("duplicate").as_bool());
  EXPECT_EQ(replayed.at("builds").as_array().size(), first.at("builds").as_array().size());
}

TEST_F(HooksTest, AsksGitForFilesOnlyWherePathRulesNeedThem) {
  model::Trigger trigger = connect(store_.add_account().id, "github", "42", "s3cret");
  std::string forced = push_body("42", "acme/shop");
  const std::string plain_flag = R"("forced":false)";
  forced.replace(forced.find(plain_flag), plain_flag.size(), R"("forced":true)");
  ASSERT_EQ(deliver(forced, "s3cret", "g1").status, 200);
  EXPECT_EQ(asked_git_, 0);
  trigger.path_includes = {"src/*"};
  ASSERT_TRUE(store_.triggers.update_trigger(trigger));
  forced.replace(forced.find(kNew), kNew.size(), std::string(40, '3'));
  const json::object result = result_of(deliver(forced, "s3cret", "g2"));
  EXPECT_EQ(asked_git_, 1);
  EXPECT_EQ(result.at("builds").as_array().at(0).at("status").as_string(), "skipped");
}

TEST_F(HooksTest, TellsThePusherWhatWasQueuedSkippedOrLeftOut) {
  const model::Trigger trigger = connect(store_.add_account().id, "git", "local", "s3cret");
  const http::Response queued = report(trigger, "s3cret", push_report("refs/heads/main"));
  EXPECT_EQ(queued.status, 200);
  EXPECT_EQ(queued.body.substr(0, 12), "Kiln: build ");
  EXPECT_NE(queued.body.find(" queued for hello (main @ 2222222)\n"), std::string::npos) << queued.body;
  std::string docs = push_report("refs/heads/main", "Docs [skip ci]", "d2");
  docs.replace(docs.find(kNew), kNew.size(), std::string(40, '3'));
  const http::Response skipped = report(trigger, "s3cret", docs);
  EXPECT_NE(skipped.body.find(" skipped for hello (main @ 3333333): the commit message says [skip ci]\n"),
            std::string::npos)
      << skipped.body;
  EXPECT_EQ(report(trigger, "s3cret", push_report("refs/tags/v1", "Hi", "d3")).body,
            "Kiln: nothing to build: refs/tags/v1 is not a branch\n");
}

TEST_F(HooksTest, GivesThePusherTheSameWordsAgain) {
  const model::Trigger trigger = connect(store_.add_account().id, "git", "local", "s3cret");
  const http::Response first = report(trigger, "s3cret", push_report("refs/heads/main"));
  EXPECT_EQ(report(trigger, "s3cret", push_report("refs/heads/main")).body, first.body);
  EXPECT_EQ(builds_of(trigger), 1U);
}

TEST_F(HooksTest, KnowsNoHookWithoutItsSecret) {
  const model::Trigger trigger = connect(store_.add_account().id, "git", "local", "s3cret");
  const http::Response wrong = report(trigger, "guess", push_report("refs/heads/main"));
  const http::Response unknown =
      post("/hooks/git/nope", {{"authorization", "Bearer s3cret"}}, push_report("refs/heads/main"));
  const http::Response without =
      post("/hooks/git/" + hook_id_of(trigger), {}, push_report("refs/heads/main"));
  const http::Response empty = report(trigger, "", push_report("refs/heads/main"));
  EXPECT_EQ(wrong.status, 401);
  for (const http::Response& other : {unknown, without, empty}) {
    EXPECT_EQ(other.status, 401);
    EXPECT_EQ(other.body, wrong.body);
  }
  EXPECT_EQ(builds_of(trigger), 0U);
}

TEST_F(HooksTest, LetsNoFileNameForgeALineForThePusher) {
  model::Trigger trigger = connect(store_.add_account().id, "git", "local", "s3cret");
  trigger.path_includes = {"src/*"};
  ASSERT_TRUE(store_.triggers.update_trigger(trigger));
  const http::Response response =
      report(trigger, "s3cret",
             report_body({"kiln-push-1", "d1", "ref", kOld, kNew, "refs/heads/main", "0", "1", "Ada", "Hi",
                          "0", "x\nKiln: build forged\x1b[2J", ""}));
  EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'), 1) << response.body;
  EXPECT_EQ(response.body.find('\x1b'), std::string::npos);
}

TEST_F(HooksTest, RefuseByTheHeadWhateverNeedsNoBodyForIt) {
  const model::Trigger trigger = connect(store_.add_account().id, "git", "/srv/a.git", "s3cret");
  // The status of a refusal; 0: the body is read. Tells whether the sender is known then.
  bool known = false;
  const auto refused = [&](const std::string& path, http::Headers headers) {
    http::Request request;
    request.method = "POST";
    request.headers = std::move(headers);
    EXPECT_TRUE(http::parse_target(path, request));
    const std::optional<http::Response> answer = (*router_.match(request))->check(request);
    known = request.caller != 0;
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(refused("/hooks/git/nobodys", {{"authorization", "Bearer s3cret"}}), 401);
  EXPECT_EQ(refused("/hooks/git/" + hook_id_of(trigger), {{"authorization", "Bearer other"}}), 401);
  EXPECT_FALSE(known);
  EXPECT_EQ(refused("/hooks/git/" + hook_id_of(trigger), {{"authorization", "Bearer s3cret"}}), 0);
  EXPECT_TRUE(known);
  const std::pair<std::string, std::string> event{"x-github-event", "push"};
  const std::pair<std::string, std::string> id{"x-github-delivery", "guid"};
  const std::string digits(64, 'a');
  EXPECT_EQ(refused("/webhooks/github", {event}), 400);
  for (const std::string& bad :
       {std::string(), digits, "sha256=" + digits + "a", "sha256=" + std::string(64, 'g')})
    EXPECT_EQ(refused("/webhooks/github", {event, id, {"x-hub-signature-256", bad}}), 401) << bad;
  EXPECT_EQ(refused("/webhooks/github", {event, id, {"x-hub-signature-256", "sha256=" + digits}}), 0);
  EXPECT_FALSE(known) << "as long as the signature is not held against the body";
}

}  // namespace
}  // namespace kiln::api
