// The runner protocol's server side, over plain request values and a real store.
#include "api/runner/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/local_hub.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"
#include "wire/runner_protocol.h"

namespace kiln::api {
namespace {

constexpr unsigned kOwner = 4711;

class RunnerRoutesTest : public ::testing::Test {
 protected:
  RunnerRoutesTest() {
    queue_.set_api_base_url("http://127.0.0.1:1/client/v4");
    add_runner_routes(
        router_, gate_, queue_, notes_,
        {[](const Uuid& build) {
           return wire::UploadsAnswer{0, {{wire::AddressKind::version, "http://" + build.str()}}, {"Said."}};
         },
         [](const Uuid&, const std::vector<wire::RouteAsked>& routes) -> Status {
           if (routes.at(0).pattern == "example.com/*") return {};
           return fail(Errc::not_offered, "No such zone.");
         }});
  }

  http::Reply ask(const std::string& path, std::string body, bool last_try = false,
                  std::optional<unsigned> uid = kOwner) {
    http::Request request;
    request.method = "POST";
    request.peer_uid = uid;
    request.last_try = last_try;
    request.body = std::move(body);
    request.headers = {{wire::kRunnerHeader, "r"}};
    EXPECT_TRUE(http::parse_target("/runner/v1/" + path, request));
    const Result<const http::Route*> route = router_.match(request);
    EXPECT_TRUE(route) << path;
    if (!route) return http::Response{};
    return (*route)->handler(request);
  }

  static http::Response answer(const http::Reply& reply) {
    const auto* response = std::get_if<http::Response>(&reply);
    EXPECT_NE(response, nullptr) << "the server would wait";
    return response == nullptr ? http::Response{} : *response;
  }

  static Errc error_of(const http::Reply& reply) {
    const http::Response response = answer(reply);
    return wire::decode_error(response.status, response.body).code;
  }

  model::JobSpec claim_one() {
    store_.add_build(trigger_);
    const Result<model::JobSpec> job =
        wire::decode_job(answer(ask("claim", wire::encode(wire::ClaimCall{"r", 0}))).body);
    EXPECT_TRUE(job) << job.error().message;
    return job ? *job : model::JobSpec{};
  }

  static std::string to(const model::JobSpec& job, const std::string& what) {
    return "builds/" + job.build_uuid.str() + "/" + what;
  }

  model::Build stored(const model::JobSpec& job) {
    return store_.builds.build(trigger_.account_id, job.build_uuid)->build;
  }

  testing::TestStore store_;
  model::Trigger trigger_ = store_.add_trigger();
  events::LocalHub hub_;
  queue::Queue queue_{queue::stores_of(store_), hub_, store_.clock, store_.entropy, {}};
  Gate gate_{store_.accounts, store_.database->changes(), store_.clock, kOwner, 0};
  http::Router router_;
  RunnerNotes notes_{store_.clock};
};

TEST_F(RunnerRoutesTest, APausedRunnerIsNotGivenABuildAndItsReasonIsKnownWhileItRepeatsIt) {
  store_.add_build(trigger_);
  const std::string paused = wire::encode(wire::ClaimCall{"r", 20'000, "only 3 MiB are free"});
  EXPECT_EQ(answer(ask("claim", paused)).status, 204) << "at once";
  EXPECT_EQ(notes_.paused(), (std::map<std::string, std::string>{{"r", "only 3 MiB are free"}}));
  store_.clock.advance(31'000);
  EXPECT_TRUE(notes_.paused().empty()) << "it has not come again";
  EXPECT_EQ(answer(ask("claim", paused)).status, 204);
  EXPECT_EQ(answer(ask("claim", wire::encode(wire::ClaimCall{"r", 0}))).status, 200);
  EXPECT_TRUE(notes_.paused().empty());
}

TEST_F(RunnerRoutesTest, ARunnerThatCannotStartIsKnownUntilItComesForWork) {
  EXPECT_EQ(notes_.nobody_takes(), std::nullopt) << "nobody is known to have trouble";
  notes_.started("r");
  EXPECT_EQ(notes_.cannot_start(), std::nullopt) << "it may";
  notes_.ended("r", "it was killed by signal 9");
  EXPECT_EQ(notes_.cannot_start(), std::nullopt) << "once is an accident";
  notes_.started("r");
  notes_.ended("r", "it ended with exit code 3");
  EXPECT_EQ(notes_.cannot_start(), "it ended with exit code 3");
  store_.clock.advance(3'600'000);
  notes_.started("r");
  EXPECT_EQ(notes_.nobody_takes(), "it ended with exit code 3") << "until it works";
  const std::string why = wire::encode(wire::ClaimCall{"r", 0, "no sandbox works here", true});
  EXPECT_EQ(answer(ask("claim", why)).status, 204);
  notes_.ended("r", "it ended with exit code 1");
  EXPECT_EQ(notes_.cannot_start(), "no sandbox works here") << "its own words say more";
  EXPECT_EQ(notes_.paused(), (std::map<std::string, std::string>{{"r", "no sandbox works here"}}));
  notes_.started("r");
  EXPECT_EQ(answer(ask("claim", wire::encode(wire::ClaimCall{"r", 0}))).status, 204);
  EXPECT_EQ(notes_.cannot_start(), std::nullopt);
  notes_.ended("r", "it was killed by signal 9");
  EXPECT_EQ(notes_.cannot_start(), std::nullopt) << "it worked, and is started again";
}

TEST_F(RunnerRoutesTest, ARunnerThatTakesNothingAndOneThatDoes) {
  notes_.heard({"small", 0, "only 3 MiB are free"});
  EXPECT_EQ(notes_.nobody_takes(), "only 3 MiB are free");
  EXPECT_EQ(notes_.cannot_start(), std::nullopt) << "it runs";
  notes_.heard({"large", 0});
  EXPECT_EQ(notes_.nobody_takes(), std::nullopt);
}

TEST_F(RunnerRoutesTest, ARunnerThatNeverComesIsTrouble) {
  notes_.started("r");
  store_.clock.advance(61'000);
  EXPECT_THAT(notes_.cannot_start().value_or(""), ::testing::HasSubstr("61 seconds ago"));
  notes_.heard({"r", 0});
  store_.clock.advance(3'600'000);
  EXPECT_EQ(notes_.cannot_start(), std::nullopt) << "all its places may be taken";
}

TEST_F(RunnerRoutesTest, ThatNoRunnerCallsIsTold) {
  store_.clock.advance(91'000);
  EXPECT_THAT(notes_.nobody_takes().value_or(""),
              ::testing::HasSubstr("no runner has called for 91 seconds"));
  EXPECT_EQ(notes_.cannot_start(), std::nullopt) << "the server itself is well";
  const model::JobSpec job = claim_one();
  EXPECT_EQ(notes_.nobody_takes(), std::nullopt);
  store_.clock.advance(60'000);
  EXPECT_EQ(answer(ask(to(job, "lease"), wire::encode(wire::LeaseCall{job.lease_id, 0}))).status, 200);
  store_.clock.advance(60'000);
  EXPECT_EQ(notes_.nobody_takes(), std::nullopt) << "it is at work";
  store_.clock.advance(60'000);
  EXPECT_NE(notes_.nobody_takes(), std::nullopt) << "it is gone";
  notes_.heard({"small", 0, "only 3 MiB are free"});
  EXPECT_EQ(notes_.nobody_takes(), "only 3 MiB are free") << "what once took builds does not speak for it";
}

TEST_F(RunnerRoutesTest, AreForTheDataDirectorysOwnerAlone) {
  store_.add_build(trigger_);
  const std::string body = wire::encode(wire::ClaimCall{"r", 0});
  EXPECT_EQ(answer(ask("claim", body, false, std::nullopt)).status, 401);
  EXPECT_EQ(answer(ask("claim", body, false, kOwner + 1)).status, 401);
  EXPECT_EQ(answer(ask("claim", body)).status, 200);
}

TEST_F(RunnerRoutesTest, AClaimWaitsOnTheQueueAndEndsWithNothing) {
  const http::Reply reply = ask("claim", wire::encode(wire::ClaimCall{"r", 20'000}));
  const auto* wait = std::get_if<http::Wait>(&reply);
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->topic, events::kQueueTopic);
  EXPECT_EQ(wait->timeout_ms, 20'000);
  EXPECT_EQ(answer(ask("claim", wire::encode(wire::ClaimCall{"r", 20'000}), true)).status, 204);
  EXPECT_EQ(answer(ask("claim", wire::encode(wire::ClaimCall{"r", 0}))).status, 204);
}

TEST_F(RunnerRoutesTest, AClaimCannotWaitForEver) {
  const http::Reply reply = ask("claim", wire::encode(wire::ClaimCall{"r", 3'600'000}));
  const auto* wait = std::get_if<http::Wait>(&reply);
  if (wait != nullptr) {
    EXPECT_LE(wait->timeout_ms, 60'000);
  } else {
    EXPECT_EQ(answer(reply).status, 400) << "refused, then, by the protocol's own bound";
  }
}

TEST_F(RunnerRoutesTest, ABuildGoesThroughItsWholeLife) {
  const model::JobSpec job = claim_one();
  EXPECT_EQ(stored(job).status, model::BuildStatus::initializing);
  EXPECT_EQ(job.worker_name, "hello");
  EXPECT_EQ(job.api_base_url, "http://127.0.0.1:1/client/v4");
  EXPECT_EQ(job.api_token.substr(0, 7), "kiln_b_");
  EXPECT_EQ(
      answer(ask(to(job, "step"), wire::encode(wire::StepCall{job.lease_id, model::Step::build}))).status,
      200);
  EXPECT_EQ(stored(job).status, model::BuildStatus::running);
  const std::string chunk =
      wire::encode(wire::LogCall{job.lease_id, 1, {model::pack({{1, "one"}, {2, "two"}})}});
  EXPECT_EQ(answer(ask(to(job, "log"), chunk)).status, 200);
  EXPECT_EQ(answer(ask(to(job, "log"), chunk)).status, 200) << "a chunk may be sent again";
  EXPECT_EQ(store_.builds.log(job.build_uuid, "", 1000)->lines.size(), 2U);
  const std::string end = wire::encode(wire::FinishCall{job.lease_id, {model::BuildOutcome::success, ""}});
  EXPECT_EQ(answer(ask(to(job, "finish"), end)).status, 200);
  EXPECT_EQ(answer(ask(to(job, "finish"), end)).status, 200) << "an end may be told again";
  EXPECT_EQ(stored(job).outcome, model::BuildOutcome::success);
}

TEST_F(RunnerRoutesTest, AfterTheDeployCommandARunnerIsToldWhereTheWorkerAnswers) {
  const model::JobSpec job = claim_one();
  const std::string path = "builds/" + job.build_uuid.str() + "/uploads";
  const auto told =
      wire::decode_uploads_answer(answer(ask(path, wire::encode(wire::UploadsCall{job.lease_id, {}}))).body);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->versions, 0);
  ASSERT_EQ(told->addresses.size(), 1U);
  EXPECT_EQ(told->addresses[0].url, "http://" + job.build_uuid.str());
  EXPECT_EQ(error_of(ask(path, wire::encode(wire::UploadsCall{job.build_uuid, {}}))), Errc::lease_lost);
}

TEST_F(RunnerRoutesTest, ALeaseIsRenewedAtEveryCallAndWaitsForNews) {
  const model::JobSpec job = claim_one();
  const TimeMs lease = queue_.settings().lease_ms;
  store_.clock.advance(lease - 1);
  const http::Reply reply = ask(to(job, "lease"), wire::encode(wire::LeaseCall{job.lease_id, 5'000}));
  const auto* wait = std::get_if<http::Wait>(&reply);
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->topic, events::build_topic(job.build_uuid));
  EXPECT_EQ(wait->timeout_ms, 5'000);
  store_.clock.advance(lease - 1);
  EXPECT_TRUE(store_.queue.recover(std::nullopt, 3)->requeued.empty());
  EXPECT_EQ(answer(ask(to(job, "lease"), wire::encode(wire::LeaseCall{job.lease_id, 5'000}), true)).status,
            200);
}

TEST_F(RunnerRoutesTest, ACancelledBuildsRunnerIsToldAtOnce) {
  const model::JobSpec job = claim_one();
  int woken = 0;
  const auto ticket = hub_.subscribe(events::build_topic(job.build_uuid), [&] { ++woken; });
  ASSERT_TRUE(queue_.cancel(trigger_.account_id, job.build_uuid, "Ada"));
  hub_.unsubscribe(ticket);
  EXPECT_EQ(woken, 1);
  const http::Reply lease = ask(to(job, "lease"), wire::encode(wire::LeaseCall{job.lease_id, 60'000}));
  EXPECT_EQ(answer(lease).status, 409);
  EXPECT_EQ(error_of(lease), Errc::lease_lost);
  const http::Reply end = ask(
      to(job, "finish"), wire::encode(wire::FinishCall{job.lease_id, {model::BuildOutcome::success, ""}}));
  EXPECT_EQ(error_of(end), Errc::lease_lost);
  EXPECT_EQ(stored(job).outcome, model::BuildOutcome::cancelled);
}

TEST_F(RunnerRoutesTest, RefuseByNameWhatTheyCannotRead) {
  const model::JobSpec job = claim_one();
  EXPECT_EQ(error_of(ask("claim", "{")), Errc::invalid);
  EXPECT_EQ(error_of(ask("builds/none/lease", wire::encode(wire::LeaseCall{job.lease_id, 0}))),
            Errc::invalid);
  EXPECT_EQ(error_of(ask(to(job, "step"), "[]")), Errc::invalid);
  EXPECT_EQ(error_of(ask(to(job, "log"), wire::encode(wire::LogCall{job.lease_id, 2, {}}))), Errc::conflict)
      << "chunk 1 has not come yet";
  EXPECT_EQ(error_of(ask(to(job, "lease"), wire::encode(wire::LeaseCall{store_.entropy.uuid(), 0}))),
            Errc::lease_lost);
}

TEST_F(RunnerRoutesTest, RoutesAreJudgedForWhoHoldsTheBuild) {
  const model::JobSpec job = claim_one();
  const auto routes = [&](const Uuid& lease, const std::string& pattern) {
    return ask(to(job, "routes"), wire::encode(wire::RoutesCall{lease, {{false, pattern}}}));
  };
  EXPECT_EQ(answer(routes(job.lease_id, "example.com/*")).status, 200);
  EXPECT_EQ(error_of(routes(job.lease_id, "example.org/*")), Errc::not_offered);
  EXPECT_EQ(error_of(routes(store_.entropy.uuid(), "example.com/*")), Errc::lease_lost);
}

}  // namespace
}  // namespace kiln::api
