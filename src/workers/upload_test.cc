#include "workers/upload.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "workers/bindings.h"
#include "workers/deploy.h"
#include "workers/metadata.h"
#include "workers/secrets.h"
#include "workers/test_target.h"

namespace kiln::workers {
namespace {

Errc code_of(const Result<model::Version>& version) {
  return version ? Errc::internal : version.error().code;
}

TEST(Upload, StoresEveryPartAndNumbersTheVersions) {
  TestTarget target;
  const auto first = target.upload(R"({"main_module":"index.js","compatibility_date":"2025-11-01",
      "compatibility_flags":["nodejs_compat"],"annotations":{"workers/message":"m"}})");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->number, 1);
  const auto second = target.upload("{\"main_module\":\"index.js\"}", "export default 2");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 2);
  const auto stored = target.store.versions.version(target.worker.tag, first->id);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->main_module, "index.js");
  EXPECT_EQ(stored->compatibility_date, "2025-11-01");
  EXPECT_EQ(stored->compatibility_flags_json, R"(["nodejs_compat"])");
  EXPECT_NE(stored->annotations_json.find("workers/triggered_by\":\"upload"), std::string::npos);
  ASSERT_EQ(stored->modules.size(), 1U);
  EXPECT_EQ(target.blobs.get(stored->modules[0].blob, 1000).value(), "export default {}");
  EXPECT_NE(first->etag, second->etag);
  EXPECT_EQ(target.deployed(), "");
}

TEST(Upload, SaysWhenItsMetadataCameInPieces) {
  TestTarget target;
  const std::vector<Part> parts = {{"metadata[main_module]", {}, "", "index.js"},
                                   {"files[]", "index.js", "application/javascript+module", "1"}};
  const auto refused = upload_version(target.ports, target.actor, {target.worker, false, parts, true, false});
  EXPECT_EQ(code_of(refused), Errc::invalid);
  EXPECT_NE(refused.error().message.find("in pieces"), std::string::npos);
}

// Answers what the test says and keeps what it was shown.
struct ScriptedValidator final : Validator {
  Result<Started> answer = Started{7, {"Admin"}};
  int calls = 0;
  std::string code;
  std::string blob;
  Secrets secrets;

  Result<Started> validate(const Candidate& candidate) override {
    ++calls;
    code = candidate.program.at(0).content;
    blob = candidate.version.modules.at(0).blob;
    secrets = candidate.secrets;
    return answer;
  }
  Status check_compatibility(const std::string& /*date*/, const std::string& /*flags_json*/) override {
    return {};
  }
};

TEST(Upload, IsStartedBeforeAnythingIsStored) {
  TestTarget target;
  ScriptedValidator validator;
  target.ports.validator = &validator;
  validator.answer = fail(Errc::script_invalid, "Uncaught Error: boom");
  const auto refused = target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"S","type":"secret_text","text":"s"}]})", "throw 1");
  EXPECT_EQ(code_of(refused), Errc::script_invalid);
  EXPECT_EQ(validator.code, "throw 1");
  EXPECT_EQ(validator.blob, "");
  EXPECT_EQ(validator.secrets, (Secrets{{"S", "s"}}));
  EXPECT_FALSE(target.store.versions.base_version(target.worker.tag).value());
  EXPECT_FALSE(std::filesystem::exists(target.store.folder.path() / "blobs"));
  validator.answer = Started{7, {"Admin"}};
  const auto taken = target.upload("{\"main_module\":\"index.js\"}", "export default 1", true);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->startup_time_ms, 7);
  EXPECT_TRUE(edit_worker_secrets(target.ports, target.actor, target.worker, {{{"S", "1"}}, true, {}}));
  EXPECT_EQ(validator.calls, 2);
  const auto edited = *target.store.versions.base_version(target.worker.tag);
  EXPECT_EQ(edited->entrypoints, (std::vector<std::string>{"Admin"})) << "its code is the same";
}

TEST(Upload, ANewWorkerIsNotMadeForAScriptThatDoesNotStart) {
  TestTarget target;
  ScriptedValidator validator;
  validator.answer = fail(Errc::script_invalid, "Uncaught Error: boom");
  target.ports.validator = &validator;
  model::Worker fresh = target.worker;
  fresh.name = "fresh";
  fresh.tag = target.store.entropy.hex32();
  const std::vector<Part> parts = {{"metadata", {}, "", "{\"main_module\":\"index.js\"}"},
                                   {"index.js", "index.js", "application/javascript+module", "throw 1"}};
  EXPECT_EQ(code_of(upload_version(target.ports, target.actor, {fresh, true, parts, true, true})),
            Errc::script_invalid);
  EXPECT_EQ(target.store.workers.worker(target.account.id, "fresh").error().code, Errc::worker_not_found);
}

TEST(Upload, DeploysInOneStepAndTakesTheSettings) {
  TestTarget target;
  const auto version =
      target.upload(R"({"main_module":"index.js","observability":{"enabled":true}})", "x", true);
  ASSERT_TRUE(version);
  EXPECT_EQ(target.deployed(), version->id.str());
  const auto worker = target.store.workers.worker(target.account.id, "hello");
  EXPECT_EQ(worker->settings_json, R"({"observability":{"enabled":true}})");
}

TEST(Upload, KeepsSecretsThatNobodyRedefines) {
  TestTarget target;
  ASSERT_TRUE(target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"S","type":"secret_text","text":"hush"},{"name":"V","type":"plain_text","text":"v"}]})"));
  const auto next = target.upload();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->bindings_json, R"([{"name":"S","type":"secret_text"}])");
  EXPECT_EQ(target.store.versions.version_secrets(next->id).value(), (Secrets{{"S", "hush"}}));
}

TEST(Upload, KeepsTheTypesItIsAskedToKeep) {
  TestTarget target;
  ASSERT_TRUE(target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"V","type":"plain_text","text":"v"}]})"));
  const auto next = target.upload(R"({"main_module":"index.js","keep_bindings":["plain_text"]})");
  ASSERT_TRUE(next);
  EXPECT_NE(next->bindings_json.find("\"text\":\"v\""), std::string::npos);
}

TEST(Upload, NeverStoresASecretsTextAmongTheBindings) {
  TestTarget target;
  const auto version = target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"S","type":"secret_text","text":"hush"}]})");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->bindings_json.find("hush"), std::string::npos);
}

TEST(Upload, InheritsOrSaysWhatIsMissing) {
  TestTarget target;
  const std::string inherit = R"({"main_module":"index.js","bindings":[{"name":"NEEDED","type":"inherit"}]})";
  const auto refused = target.upload(inherit);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::inherit_invalid);
  EXPECT_TRUE(refused.error().message.starts_with("inherit binding 'NEEDED' is invalid"))
      << refused.error().message;
  EXPECT_TRUE(target.upload(inherit, "x", false, false));
  ASSERT_TRUE(target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"NEEDED","type":"secret_text","text":"t"}]})"));
  const auto version = target.upload(inherit);
  ASSERT_TRUE(version);
  EXPECT_EQ(target.store.versions.version_secrets(version->id).value(), (Secrets{{"NEEDED", "t"}}));
}

TEST(Upload, RefusesABadScript) {
  TestTarget target;
  for (
      const char* metadata :
      {R"({"main_module":"other.js"})", R"({"main_module":"index.js","compatibility_date":"soon"})", R"({})",
       R"({"main_module":"index.js","bindings":[{"name":"A","type":"plain_text"}]})",
       R"({"main_module":"index.js","bindings":[{"name":"A","type":"text_blob","part":"gone"}]})",
       R"({"main_module":"index.js","assets":{"jwt":"made-up"}})",
       R"({"main_module":"index.js","bindings":[{"name":"A","type":"json","json":1},{"name":"A","type":"json","json":1}]})"}) {
    EXPECT_EQ(code_of(target.upload(metadata)), Errc::script_invalid) << metadata;
  }
  for (const char* metadata :
       {"", "[]", "{", R"({"main_module":1})", R"({"main_module":"index.js","bindings":[1]})",
        R"({"main_module":"index.js","annotations":{"workers/alias":"Bad Alias!"}})"}) {
    EXPECT_EQ(code_of(target.upload(metadata)), Errc::invalid) << metadata;
  }
}

TEST(Upload, RefusesModulesOfUnknownKindOrEqualName) {
  TestTarget target;
  const Part metadata{"metadata", {}, "", "{\"main_module\":\"a.js\"}"};
  const Part main{"a.js", "a.js", "application/javascript+module", "x"};
  const auto with = [&](const Part& part) {
    const std::vector<Part> parts = {metadata, main, part};
    return code_of(upload_version(target.ports, target.actor, {target.worker, false, parts, true, false}));
  };
  EXPECT_EQ(with({"b.py", "b.py", "text/x-python", "x"}), Errc::script_invalid);
  EXPECT_EQ(with({"b", "b", "image/png", "x"}), Errc::script_invalid);
  EXPECT_EQ(with({"a.js", "a.js", "text/plain", "x"}), Errc::script_invalid);
  EXPECT_EQ(with({"../a.js", "../a.js", "text/plain", "x"}), Errc::script_invalid);
  EXPECT_EQ(with({"a.js.map", "a.js.map", "application/source-map", "x"}), Errc::internal);
}

TEST(Upload, ARefusedUploadMakesNoWorker) {
  TestTarget target;
  model::Worker fresh = target.worker;
  fresh.name = "other";
  fresh.tag = target.store.entropy.hex32();
  const std::vector<Part> parts = {
      {"metadata", {}, "", R"({"main_module":"a.js","bindings":[{"name":"X","type":"inherit"}]})"},
      {"a.js", "a.js", "application/javascript+module", "x"}};
  EXPECT_FALSE(upload_version(target.ports, target.actor, {fresh, true, parts, true, true}));
  EXPECT_FALSE(target.store.workers.worker(target.account.id, "other"));
  EXPECT_TRUE(upload_version(target.ports, target.actor, {fresh, true, parts, false, true}));
  EXPECT_TRUE(target.store.workers.worker(target.account.id, "other"));
}

TEST(SecretsEdit, DeploysANewVersionWithEverythingElseAsItWas) {
  TestTarget target;
  const auto before = target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"V","type":"plain_text","text":"v"}]})", "x", true);
  ASSERT_TRUE(before);
  const auto edited =
      edit_worker_secrets(target.ports, target.actor, target.worker, {{{"S", "1"}}, true, {}});
  ASSERT_TRUE(edited) << edited.error().message;
  EXPECT_EQ(target.deployed(), edited->id.str());
  EXPECT_EQ(edited->etag, before->etag);
  const auto stored = target.store.versions.version(target.worker.tag, edited->id);
  EXPECT_EQ(stored->modules.size(), 1U);
  EXPECT_EQ(target.store.versions.version_secrets(edited->id).value(), (Secrets{{"S", "1"}}));
  const auto removed =
      edit_worker_secrets(target.ports, target.actor, target.worker, {{{"S", std::nullopt}}, true, {}});
  ASSERT_TRUE(removed);
  EXPECT_TRUE(target.store.versions.version_secrets(removed->id)->empty());
}

TEST(SecretsEdit, IsRefusedWhereItWouldSurprise) {
  TestTarget target;
  const auto edit = [&](const std::map<std::string, std::optional<std::string>>& changes) {
    return code_of(edit_worker_secrets(target.ports, target.actor, target.worker, {changes, true, {}}));
  };
  EXPECT_EQ(edit({{"S", "1"}}), Errc::worker_not_found);
  ASSERT_TRUE(target.upload(R"({"main_module":"index.js","bindings":[{"name":"V","type":"json","json":1}]})",
                            "x", true));
  EXPECT_EQ(edit({{"V", "1"}}), Errc::invalid);
  EXPECT_EQ(edit({{"GONE", std::nullopt}}), Errc::secret_not_found);
  ASSERT_TRUE(target.upload());
  EXPECT_EQ(edit({{"S", "1"}}), Errc::not_latest);
  EXPECT_TRUE(edit_worker_secrets(target.ports, target.actor, target.worker, {{{"S", "1"}}, false, {}}));
}

TEST(Upload, IsStartedAheadWhenItIsWhatVisitorsGet) {
  TestTarget target;
  std::vector<Uuid> started;
  target.ports.start_ahead = [&](const Uuid& version) { started.push_back(version); };
  const auto preview = target.upload();
  EXPECT_TRUE(preview && started.empty());
  const auto live = target.upload("{\"main_module\":\"index.js\"}", "export default 2", true);
  ASSERT_TRUE(live);
  EXPECT_EQ(started, std::vector<Uuid>{live->id});
  const boost::json::object body{{"strategy", "percentage"},
                                 {"versions", {{{"version_id", preview->id.str()}, {"percentage", 100}}}}};
  ASSERT_TRUE(deploy_versions(target.ports, target.actor, target.worker, body, false));
  EXPECT_EQ(started.back(), preview->id);
}

TEST(Secrets, AreDroppedOnlyByAListOfKeptTypesThatLeavesThemOut) {
  TestTarget target;
  ASSERT_TRUE(
      target.upload(R"({"main_module":"index.js","bindings":[{"name":"S","type":"secret_text","text":"s"},
                                {"name":"T","type":"secret_text","text":"t"}]})"));
  const auto names_after = [&](const std::string& metadata) {
    const auto made = target.upload(metadata);
    EXPECT_TRUE(made) << made.error().message;
    const auto secrets = target.store.versions.version_secrets(made->id);
    std::string names;
    for (const auto& [name, text] : *secrets) names += name;
    return names;
  };
  EXPECT_EQ(names_after(R"({"main_module":"index.js"})"), "ST");
  EXPECT_EQ(names_after(R"({"main_module":"index.js","keep_bindings":["plain_text","json"]})"), "ST");
  EXPECT_EQ(names_after(R"({"main_module":"index.js","keep_bindings":["secret_key"],
                            "bindings":[{"name":"T","type":"inherit"}]})"),
            "T");
}

TEST(Upload, NamesModulesByFilenameWhereTheEntryIsNamedSo) {
  TestTarget target;
  const std::vector<Part> parts = {
      {"metadata", {}, "", R"({"main_module":"index.js"})"},
      {"files", "index.js", "application/javascript+module", "import './lib/a.js'; export default {}"},
      {"files", "lib/a.js", "application/javascript+module", "1"}};
  const auto version = upload_version(target.ports, target.actor, {target.worker, false, parts, true, false});
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(version->modules.at(0).name, "index.js");
  EXPECT_EQ(version->modules.at(1).name, "lib/a.js");
}

// The builds of preview branches: what they upload is nobody's starting point.
TEST(Upload, ProductionInheritsNothingFromAPreviewBranch) {
  TestTarget target;
  ASSERT_TRUE(target.upload(R"({"main_module":"index.js","bindings":[
      {"name":"KEY","type":"secret_text","text":"real"},{"name":"MODE","type":"plain_text","text":"live"}]})",
                            "export default {}", true));
  const Actor own = target.actor;
  target.actor.previews_only = true;
  const auto preview = target.upload(R"({"main_module":"index.js","bindings":[
      {"name":"KEY","type":"secret_text","text":"stolen"},{"name":"MODE","type":"plain_text","text":"evil"}]})");
  ASSERT_TRUE(preview);
  EXPECT_EQ(target.store.versions.version_secrets(preview->id)->at("KEY"), "stolen") << "its own has it";
  target.actor = own;
  const auto next = target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"MODE","type":"inherit"}],"keep_bindings":["secret_text"]})");
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->number, 3);
  EXPECT_EQ(target.store.versions.version_secrets(next->id)->at("KEY"), "real");
  EXPECT_NE(next->bindings_json.find("live"), std::string::npos) << next->bindings_json;
}

TEST(Upload, APreviewBranchInheritsWhatProductionHas) {
  TestTarget target;
  ASSERT_TRUE(target.upload(
      R"({"main_module":"index.js","bindings":[{"name":"KEY","type":"secret_text","text":"real"}]})"));
  target.actor.previews_only = true;
  for (int i = 0; i < 2; ++i) {
    const auto preview = target.upload(R"({"main_module":"index.js","keep_bindings":["secret_text"]})");
    ASSERT_TRUE(preview);
    EXPECT_EQ(target.store.versions.version_secrets(preview->id)->at("KEY"), "real");
  }
}

}  // namespace
}  // namespace kiln::workers
