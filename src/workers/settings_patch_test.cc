#include "workers/settings_patch.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "workers/bindings.h"
#include "workers/deploy.h"
#include "workers/references.h"
#include "workers/secrets.h"
#include "workers/settings.h"
#include "workers/test_target.h"

namespace kiln::workers {
namespace {

const char* const kWithVariable =
    R"({"main_module":"index.js","bindings":[{"name":"V","type":"plain_text","text":"v"},
        {"name":"M","type":"version_metadata"},{"name":"S","type":"secret_text","text":"old"}]})";

TEST(SettingsPatch, KeepsBindingsOfWhichOnlyTheNameIsGiven) {
  TestTarget target;
  ASSERT_TRUE(target.upload(kWithVariable, "1", true));
  const auto done =
      patch_settings(target.ports, target.actor, target.worker,
                     R"({"bindings":[{"type":"plain_text","name":"V"},{"type":"version_metadata","name":"M"},
                                       {"type":"secret_text","name":"S"},{"type":"secret_text","name":"T","text":"t"}]})");
  ASSERT_TRUE(done) << done.error().message;
  const auto latest = *target.store.versions.base_version(target.worker.tag);
  EXPECT_NE(latest->bindings_json.find(R"("text":"v")"), std::string::npos);
  EXPECT_NE(latest->bindings_json.find("version_metadata"), std::string::npos);
  EXPECT_EQ(*target.store.versions.version_secrets(latest->id), (Secrets{{"S", "old"}, {"T", "t"}}));
  EXPECT_EQ(target.deployed(), latest->id.str());
}

TEST(SettingsPatch, RefusesWhatThereIsNothingOfAndWhatIsNotLive) {
  TestTarget target;
  const auto patch = [&](const char* text) {
    return patch_settings(target.ports, target.actor, target.worker, text).error().code;
  };
  EXPECT_EQ(patch(R"({"bindings":[]})"), Errc::worker_not_found);
  ASSERT_TRUE(target.upload(kWithVariable, "1", true));
  EXPECT_EQ(patch(R"({"bindings":[{"type":"plain_text","name":"X"}]})"), Errc::inherit_invalid);
  EXPECT_EQ(patch(R"({"bindings":[{"type":"service","name":"X","service":"nobody"}]})"),
            Errc::binding_unsupported);
  ASSERT_TRUE(target.upload(kWithVariable, "2", false));
  EXPECT_EQ(patch(R"({"compatibility_flags":[]})"), Errc::not_latest);
  EXPECT_EQ(patch("nonsense"), Errc::invalid);
}

struct StrictValidator final : Validator {
  std::string asked;

  Result<Started> validate(const Candidate& /*candidate*/) override { return Started{1, {}}; }
  Status check_compatibility(const std::string& date, const std::string& flags_json) override {
    asked = date + ' ' + flags_json;
    return fail(Errc::script_invalid, "no", "compatibility_flags");
  }
};

TEST(SettingsPatch, BringsNoCompatibilityFlagThatAnUploadCouldNot) {
  TestTarget target;
  ASSERT_TRUE(target.upload(kWithVariable, "1", true));
  const std::string live = target.deployed();
  StrictValidator validator;
  target.ports.validator = &validator;
  const auto patched = patch_settings(target.ports, target.actor, target.worker,
                                      R"({"compatibility_date":"2026-01-01","compatibility_flags":["x"]})");
  EXPECT_EQ(patched.error().field, "compatibility_flags");
  EXPECT_EQ(validator.asked, R"(2026-01-01 ["x"])");
  EXPECT_EQ(target.deployed(), live);
}

TEST(Services, MustExistAndAreKnownToWhomTheyServe) {
  TestTarget target;
  const std::string bound =
      R"({"main_module":"index.js","bindings":[{"name":"API","type":"service","service":"api"},
          {"name":"ME","type":"service","service":"hello"}]})";
  EXPECT_EQ(target.upload(bound).error().code, Errc::binding_unsupported);
  const model::Worker api = target.store.add_worker(target.account.id, "api");
  ASSERT_TRUE(target.upload(bound, "1", true));
  EXPECT_EQ(references_of(target.ports, api)->incoming, std::vector<std::string>{"hello"});
  EXPECT_EQ(references_of(target.ports, target.worker)->outgoing, (std::vector<std::string>{"api", "hello"}));
  EXPECT_TRUE(references_of(target.ports, target.worker)->incoming.empty());
}

TEST(Rollback, AsksBeforeItBringsOtherSecretsBack) {
  TestTarget target;
  const std::string first = target.upload("{\"main_module\":\"index.js\"}", "1", true)->id.str();
  ASSERT_TRUE(
      edit_worker_secrets(target.ports, target.actor, target.worker, {{{"S", "s"}}, true, {}, nullptr}));
  const auto body =
      parse_object(R"({"versions":[{"percentage":100,"version_id":")" + first + R"("}]})", "body").value();
  const auto refused = deploy_versions(target.ports, target.actor, target.worker, body, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::secrets_changed);
  EXPECT_TRUE(refused.error().message.ends_with("The following secrets have changed: S"));
  EXPECT_TRUE(deploy_versions(target.ports, target.actor, target.worker, body, true));
  EXPECT_EQ(target.deployed(), first);
}

TEST(Settings, TakeSchedulesThatCanBeReadAlone) {
  TestTarget target;
  int told = 0;
  target.ports.schedules_changed = [&] { ++told; };
  const auto change = [&](const char* text) {
    return change_schedules(target.ports, target.worker, boost::json::parse(text).as_array());
  };
  const auto worker = change(R"([{"cron":"0 4 * * *"},{"cron":"* * * * SUN"},{"cron":"0 4 * * *"}])");
  ASSERT_TRUE(worker) << worker.error().message;
  EXPECT_EQ(boost::json::parse(worker->schedules_json).as_array().size(), 2U);
  EXPECT_EQ(told, 1);
  for (const char* bad : {R"([{"cron":"0 22 * * 0"}])", R"([{"cron":"0 0 30 2 *"}])", R"([{"cron":""}])",
                          R"([{"cron":"* * * * *"},{"cron":"every day"}])", R"(["* * * * *"])"}) {
    EXPECT_EQ(change(bad).error().code, Errc::invalid) << bad;
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(target.store.workers.worker(target.account.id, "hello")->schedules_json, worker->schedules_json);
  target.store.clock.advance(7LL * 24 * 60 * 60'000);
  EXPECT_EQ(target.store.schedules.due(10, 1)->now.size(), 2U);
}

TEST(Settings, TakeTailConsumersThatAreThereAndFormNoCircle) {
  TestTarget target;
  std::string renewed;
  target.ports.renew = [&](const std::string& tag) { renewed += tag; };
  const auto change = [&](const model::Worker& worker, const std::string& text) {
    return change_settings(target.ports, worker, {{"tail_consumers", boost::json::parse(text)}});
  };
  const model::Worker ear = target.store.add_worker(target.account.id, "ear");
  EXPECT_EQ(change(target.worker, R"([{"service":"nobody"}])").error().code, Errc::binding_unsupported);
  EXPECT_EQ(change(target.worker, R"([{"service":"hello"}])").error().code, Errc::binding_unsupported);
  EXPECT_EQ(change(target.worker, R"(["ear"])").error().code, Errc::invalid);
  EXPECT_EQ(renewed, "");
  const auto heard = change(target.worker, R"([{"service":"ear"}])");
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(renewed, target.worker.tag);
  ASSERT_TRUE(change(*heard, R"([{"service":"ear"}])"));
  EXPECT_EQ(renewed, target.worker.tag) << "nothing has changed";
  EXPECT_EQ(change(ear, R"([{"service":"hello"}])").error().code, Errc::binding_unsupported) << "a circle";
}

}  // namespace
}  // namespace kiln::workers
