#include "wire/runner_protocol.h"

#include <gtest/gtest.h>

#include "wire/errc_names.h"

namespace kiln::wire {
namespace {

Uuid id(char digit) {
  return Uuid::parse(std::string(8, digit) + "-1111-4111-8111-111111111111").value();
}

model::JobSpec a_job() {
  model::JobSpec job;
  job.build_uuid = id('a');
  job.lease_id = id('b');
  job.lease_ms = 30'000;
  job.attempt = 2;
  job.account_id = "acc";
  job.worker_tag = "tag";
  job.worker_name = "hello";
  job.clone_url = "https://git.example/a/b";
  job.clone_authorization = "Basic eDp5";
  job.ssh = {{"-----BEGIN\nkey\n"}, "ssh-ed25519 AAAA"};
  job.local_repositories = {"/srv/git/lib.git"};
  job.branch = "feature/ü";
  job.commit_hash = std::string(40, 'c');
  job.build_command = "npm run build &&\n\techo \"done\"";
  job.deploy_command = "npx wrangler deploy";
  job.root_directory = "apps/web";
  job.environment = {{"A", "1\n2", false, 0}, {"B", "hidden", true, 0}};
  job.api_base_url = "http://127.0.0.1:1/client/v4";
  job.api_token = "token";
  job.build_caching_enabled = true;
  job.trigger_uuid = id('d');
  job.cache_trust = model::CacheTrust::branch;
  job.cache_epoch = 3;
  job.restricted = true;
  job.require_version = true;
  job.timeout_ms = 1'200'000;
  return job;
}

TEST(RunnerProtocol, AJobSurvivesTheTripWithEveryField) {
  const model::JobSpec sent = a_job();
  const Result<model::JobSpec> got = decode_job(encode(sent));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(encode(*got), encode(sent));
  EXPECT_EQ(got->environment[0].value, "1\n2");
  EXPECT_TRUE(got->environment[1].is_secret);
  EXPECT_EQ(got->attempt, 2);
  EXPECT_EQ(got->branch, "feature/ü");
}

TEST(RunnerProtocol, EveryCallSurvivesTheTrip) {
  EXPECT_EQ(decode_caches(encode(CachesCall{{id('a'), id('b')}}))->triggers,
            (std::vector<Uuid>{id('a'), id('b')}));
  EXPECT_EQ(decode_caches_answer(encode(CachesAnswer{{{id('a'), 4}}}))->epochs.at(id('a')), 4);
  EXPECT_FALSE(decode_caches_answer(R"({"epochs":[["x",1]]})"));
  EXPECT_EQ(decode_claim(encode(ClaimCall{"r1", 20'000}))->wait_ms, 20'000);
  EXPECT_FALSE(decode_claim(encode(ClaimCall{"r1", 20'000}))->cannot_start);
  EXPECT_TRUE(decode_claim(encode(ClaimCall{"r1", 0, "no sandbox works", true}))->cannot_start);
  EXPECT_EQ(decode_lease(encode(LeaseCall{id('b'), 5}))->lease_id, id('b'));
  EXPECT_EQ(decode_credentials(encode(CredentialsCall{id('b')}))->lease_id, id('b'));
  EXPECT_EQ(decode_credentials_answer(encode(CredentialsAnswer{"Basic eDp5"}))->authorization, "Basic eDp5");
  EXPECT_EQ(decode_step(encode(StepCall{id('b'), model::Step::deploy}))->step, model::Step::deploy);
  const LogCall call{
      id('b'),
      7,
      {model::pack({{1'700'000'000'000, "\x1b[31mred\x1b[0m"}, {1, ""}}), model::pack({{2, "\n"}})}};
  const auto log = decode_log(encode(call));
  ASSERT_TRUE(log);
  EXPECT_EQ(log->seq, 7);
  EXPECT_EQ(log->chunks, call.chunks);
  EXPECT_TRUE(decode_log(encode(LogCall{id('b'), 1, {}}))->chunks.empty());
  const auto end = decode_finish(encode(FinishCall{id('b'), {model::BuildOutcome::terminated, "limit"}}));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->end.outcome, model::BuildOutcome::terminated);
  EXPECT_EQ(end->end.usage, model::BuildUsage{});
  const model::BuildUsage usage{
      .memory_peak = 1LL << 33U, .cpu_ms = 4'100, .written = {}, .processes_peak = 0};
  EXPECT_EQ(decode_finish(encode(FinishCall{id('b'), {model::BuildOutcome::success, "", usage}}))->end.usage,
            usage);
  const FinishCall said{
      id('b'),
      {.outcome = model::BuildOutcome::success, .reason = {}, .last_line = model::LogLine{7, "Done."}}};
  ASSERT_TRUE(decode_finish(encode(said))->end.last_line);
  EXPECT_EQ(decode_finish(encode(said))->end.last_line->text, "Done.");
  EXPECT_TRUE(decode_finish(encode(said))->end.last_line->service);
  const auto uploads = decode_uploads(encode(UploadsCall{id('b'), {id('c'), id('d')}}));
  ASSERT_TRUE(uploads);
  EXPECT_EQ(uploads->claims, (std::vector<Uuid>{id('c'), id('d')}));
  const UploadsAnswer told{
      3, {{AddressKind::production, "http://hello.dev.localhost"}, {AddressKind::alias, "u"}}, {"Said."}};
  const auto answer = decode_uploads_answer(encode(told));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->versions, 3);
  EXPECT_EQ(answer->addresses, told.addresses);
  EXPECT_EQ(answer->notes, told.notes);
  const RoutesCall routes{id('b'), {{false, "example.com/*"}, {true, "app.example.com"}}};
  const auto asked = decode_routes(encode(routes));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->lease_id, routes.lease_id);
  EXPECT_EQ(asked->routes, routes.routes);
}

TEST(RunnerProtocol, MaterialsComeAsTheyWereTold) {
  const MaterialsCall told{id('b'),
                           {.repository = "https://git.example/acme/shop.git",
                            .commit = std::string(40, 'c'),
                            .lock_file = "apps/package-lock.json",
                            .lock_sha256 = std::string(64, 'd'),
                            .packages = {{"@scope/a", "1.0.0", "sha512-AA=="}, {"b", "2.0.0", ""}},
                            .packages_named = 3}};
  const auto heard = decode_materials(encode(told));
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(heard->lease_id, told.lease_id);
  EXPECT_EQ(heard->materials, told.materials);
  const std::string good = encode(told);
  const auto refused = [&](std::string_view from, std::string_view to) {
    std::string other = good;
    other.replace(other.find(from), from.size(), to);
    const auto decoded = decode_materials(other);
    return decoded ? std::string("nothing") : decoded.error().field;
  };
  EXPECT_EQ(refused("cccc", "main"), "commit");
  EXPECT_EQ(refused("dddd", "DDDD"), "lock_sha256");
  EXPECT_EQ(refused("\"1.0.0\",", ""), "packages");
  EXPECT_EQ(refused("\"2.0.0\"", "2"), "packages");
  EXPECT_EQ(refused(":3", ":-3"), "packages_named");
}

TEST(RunnerProtocol, RefusalsNameTheField) {
  EXPECT_EQ(decode_claim(R"({"runner_id":"r","wait_ms":"1"})").error().field, "wait_ms");
  EXPECT_EQ(decode_claim(R"({"wait_ms":1})").error().field, "runner_id");
  EXPECT_EQ(
      decode_uploads(R"({"lease_id":"aaaaaaaa-1111-4111-8111-111111111111","claims":["v1"]})").error().field,
      "claims");
  EXPECT_EQ(decode_uploads_answer(R"({"versions":1,"addresses":[["front","u"]],"notes":[]})").error().field,
            "addresses");
  EXPECT_EQ(decode_uploads_answer(R"({"versions":1,"addresses":[],"notes":[1]})").error().field, "notes");
  EXPECT_EQ(decode_routes(R"({"lease_id":"aaaaaaaa-1111-4111-8111-111111111111","routes":[["x","y"]]})")
                .error()
                .field,
            "routes");
  EXPECT_EQ(decode_lease(R"({"lease_id":"nope","wait_ms":1})").error().field, "lease_id");
  EXPECT_EQ(decode_step(R"({"lease_id":"aaaaaaaa-1111-4111-8111-111111111111","step":"fly"})").error().field,
            "step");
  const LogCall log{id('b'), 7, {model::pack({{1, "x"}})}};
  EXPECT_EQ(decode_log(encode(log) + "x").error().field, "chunks");
  EXPECT_EQ(decode_log(encode(log).substr(0, encode(log).size() - 1)).error().field, "chunks");
  EXPECT_EQ(decode_log(encode(LogCall{id('b'), 0, {}})).error().field, "seq");
  EXPECT_EQ(decode_log(encode(LogCall{id('b'), 1, {{1, "no frame"}}})).error().field, "chunks");
  EXPECT_EQ(
      decode_log(R"({"lease_id":"aaaaaaaa-1111-4111-8111-111111111111","seq":1,"chunks":[]})").error().field,
      "body");
  EXPECT_EQ(decode_finish(
                R"({"lease_id":"aaaaaaaa-1111-4111-8111-111111111111","outcome":"cancelled","reason":""})")
                .error()
                .field,
            "outcome")
      << "only the server cancels";
  EXPECT_EQ(decode_finish(R"({"lease_id":"aaaaaaaa-1111-4111-8111-111111111111","outcome":"fail",)"
                          R"("reason":"","usage":{"cpu_ms":-1}})")
                .error()
                .field,
            "usage");
  EXPECT_EQ(decode_job(R"({"job":{}})").error().field, "job.build_uuid");
  EXPECT_EQ(decode_claim("[]").error().code, Errc::invalid);
}

TEST(RunnerProtocol, AnErrorKeepsItsCodeAcrossTheWire) {
  const Error error = decode_error(409, encode_error(Error{Errc::lease_lost, "taken over", ""}));
  EXPECT_EQ(error.code, Errc::lease_lost);
  EXPECT_EQ(error.message, "taken over");
  EXPECT_EQ(decode_error(503, "<html>").code, Errc::unavailable);
  EXPECT_EQ(decode_error(409, "{}").code, Errc::conflict);
}

TEST(RunnerProtocol, EveryErrorCodeHasANameOfItsOwn) {
  for (int code = 0; code <= static_cast<int>(Errc::not_offered); ++code) {
    const auto errc = static_cast<Errc>(code);
    EXPECT_EQ(errc_of_name(errc_name(errc)), errc) << code;
  }
}

TEST(RunnerProtocol, CarriesABuildsStoryBesideItsLog) {
  LogCall call;
  call.lease_id = *Uuid::parse("bbbbbbbb-1111-4111-8111-111111111111");
  call.seq = 3;
  model::BuildStep step{.ordinal = 2, .step = model::StepName::build, .state = model::StepState::failed};
  step.started_on = 10;
  step.stopped_on = 20;
  step.command = "make \"x\"";
  step.exit_code = 2;
  step.first_line = 7;
  call.story = {
      {step}, {{"nodejs", "22.1.0"}}, {{model::CacheKind::output, true, model::CacheKept::unchanged, 12}}};
  const Result<LogCall> read = decode_log(encode(call));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->story, call.story);
  EXPECT_TRUE(read->chunks.empty());
  call.story = {};
  EXPECT_EQ(encode(call).find("story"), std::string::npos) << "as runners of before send it";
}

TEST(RunnerProtocol, RefusesAStoryThatIsNone) {
  const std::string lease =
      R"({"lease_id":"bbbbbbbb-1111-4111-8111-111111111111","seq":1,"chunks":[],"story":)";
  for (const char* story :
       {R"({"steps":[{"ordinal":0}],"tools":[],"caches":[]})", "[]",
        R"({"steps":[{}],"tools":[],"caches":[]})", R"({"steps":[],"tools":[["a"]],"caches":[]})",
        R"({"steps":[],"tools":[],"caches":[{"kind":"odd"}]})"})
    EXPECT_FALSE(decode_log(lease + story + "}\n")) << story;
}

TEST(RunnerProtocol, CarriesHowABuildEndedInWords) {
  FinishCall call;
  call.lease_id = *Uuid::parse("bbbbbbbb-1111-4111-8111-111111111111");
  call.end.words = {"Ended at the time limit of 20 s", model::StepName::build, model::EndCause::time_limit};
  const Result<FinishCall> read = decode_finish(encode(call));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->end.words, call.end.words);
}

}  // namespace
}  // namespace kiln::wire
