#include "workers/content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workers/secrets.h"
#include "workers/test_target.h"

namespace kiln::workers {
namespace {

using ::testing::HasSubstr;

std::vector<Part> program(const std::string& code, const std::string& metadata) {
  static std::string kept_code;
  static std::string kept_metadata;
  kept_code = code;
  kept_metadata = metadata;
  return {{"metadata", {}, "", kept_metadata},
          {"index.js", "index.js", "application/javascript+module", kept_code}};
}

TEST(Content, IsReplacedAndAllElseStays) {
  TestTarget target;
  ASSERT_TRUE(target.upload(R"({"main_module":"index.js","compatibility_date":"2025-05-01",
      "compatibility_flags":["nodejs_compat"],"limits":{"cpu_ms":50},"bindings":[
      {"name":"V","type":"plain_text","text":"v"},{"name":"S","type":"secret_text","text":"s"}]})",
                            "export default 1", true));
  const auto made = replace_content(target.ports, target.actor, target.worker,
                                    program("export default 2", R"({"main_module":"index.js"})"), {});
  ASSERT_TRUE(made) << made.error().message;
  const auto stored = *target.store.versions.version(target.worker.tag, made->id);
  EXPECT_EQ(target.blobs.get(stored.modules.at(0).blob, 100).value(), "export default 2");
  EXPECT_EQ(stored.compatibility_date, "2025-05-01");
  EXPECT_EQ(stored.compatibility_flags_json, R"(["nodejs_compat"])");
  EXPECT_EQ(stored.limits_json, R"({"cpu_ms":50})");
  EXPECT_THAT(stored.bindings_json, HasSubstr(R"("text":"v")"));
  EXPECT_EQ(target.store.versions.version_secrets(made->id).value(),
            (std::map<std::string, std::string>{{"S", "s"}}));
  EXPECT_EQ(target.deployed(), made->id.str());
}

TEST(Content, TakesItsEntryFromAHeaderWhereTheMetadataNamesNone) {
  TestTarget target;
  ASSERT_TRUE(target.upload());
  const auto parts = program("export default 2", "{}");
  EXPECT_TRUE(replace_content(target.ports, target.actor, target.worker, parts, {"index.js", ""}));
  const auto nameless = replace_content(target.ports, target.actor, target.worker, parts, {});
  EXPECT_EQ(nameless.error().code, Errc::script_invalid);
  EXPECT_THAT(nameless.error().message, HasSubstr("CF-WORKER-MAIN-MODULE-PART"));
}

TEST(Content, OfAWorkerWithoutAVersionIsRefused) {
  TestTarget target;
  const auto made = replace_content(target.ports, target.actor, target.worker,
                                    program("export default 2", R"({"main_module":"index.js"})"), {});
  EXPECT_EQ(made.error().code, Errc::worker_not_found);
}

TEST(Content, MustBringThePartsThatBindingsName) {
  TestTarget target;
  const std::string script = "addEventListener('fetch', () => {})";
  const std::string metadata =
      R"({"body_part":"script","bindings":[{"name":"T","type":"text_blob","part":"t.txt"}]})";
  const std::vector<Part> whole = {{"metadata", {}, "", metadata},
                                   {"script", "script", "application/javascript", script},
                                   {"t.txt", "t.txt", "text/plain", "t"}};
  ASSERT_TRUE(upload_version(target.ports, target.actor, {target.worker, false, whole, true, true}));
  const std::vector<Part> without = {{"script", "script", "application/javascript", script}};
  const auto refused = replace_content(target.ports, target.actor, target.worker, without, {"", "script"});
  EXPECT_EQ(refused.error().code, Errc::script_invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("t.txt"));
  EXPECT_TRUE(replace_content(target.ports, target.actor, target.worker, whole, {}));
}

}  // namespace
}  // namespace kiln::workers
