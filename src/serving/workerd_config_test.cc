#include "serving/workerd_config.h"

#include <gtest/gtest.h>

#include "serving/capnp_text.h"
#include "serving/service_key.h"

namespace kiln::serving {
namespace {

model::Version module_version() {
  model::Version version;
  version.main_module = "index.js";
  version.compatibility_date = "2026-01-01";
  version.compatibility_flags_json = R"(["nodejs_compat"])";
  version.modules = {{"lib.txt", "text/plain", "", 1},
                     {"index.js.map", "application/source-map", "", 1},
                     {"index.js", "application/javascript+module", "", 1}};
  return version;
}

bool holds(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST(CapnpText, QuotesEveryByte) {
  EXPECT_EQ(capnp_quote("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(capnp_quote(std::string("\0\n\x7f ü", 6)), "\"\\x00\\x0a\\x7f ü\"");
}

TEST(WorkerdConfig, PutsTheMainModuleFirstAndLeavesSourceMapsOut) {
  const auto config = workerd_config(module_version(), {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_LT(config->text.find("\"index.js\", esModule = embed \"parts/2\""),
            config->text.find("\"lib.txt\", text = embed \"parts/0\""));
  EXPECT_EQ(config->parts, (std::vector<std::size_t>{2, 0}));
  EXPECT_TRUE(holds(config->text, "compatibilityFlags = [\"nodejs_compat\"]"));
  EXPECT_FALSE(config->has_assets);
  EXPECT_FALSE(config->calls_services);
}

TEST(WorkerdConfig, KeepsNamesAndValuesInsideTheirQuotes) {
  const std::string hostile = "\"), (name = \"x\\";
  model::Version version = module_version();
  version.modules[0].name = hostile;
  version.bindings_json = R"([{"name":"S\"\n","type":"secret_text"}])";
  const auto config = workerd_config(version, {{"S\"\n", hostile}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(holds(config->text, "(name = \"\\\"), (name = \\\"x\\\\\", text = embed"));
  EXPECT_TRUE(holds(config->text, "(name = \"S\\\"\\x0a\", text = \"\\\"), (name = \\\"x\\\\\")"));
}

TEST(WorkerdConfig, NamesTheCalleeOfEachServiceBinding) {
  model::Version version = module_version();
  version.bindings_json =
      R"([{"name":"A","type":"service","service":"one"},{"name":"B","type":"service","service":"two"}])";
  const auto config = workerd_config(version, {}, {.calls = {"acc", "sec\"ret"}});
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->calls_services);
  EXPECT_TRUE(holds(config->text, "(name = \"A\", service = \"service-0\")"));
  EXPECT_TRUE(holds(config->text, "(name = \"B\", service = \"service-1\")"));
  EXPECT_TRUE(holds(config->text, "value = \"two\""));
  EXPECT_TRUE(holds(config->text, service_key("sec\"ret", {"acc", "two", ""})));
  EXPECT_FALSE(holds(config->text, "sec\\\"ret")) << "the secret itself is in no configuration";
}

TEST(WorkerdConfig, ServesAssetsAloneByTheVersionsOwnDate) {
  model::Version version;
  version.has_assets = true;
  version.assets_config_json = R"({"html_handling":"none","_headers":"/*\n A: b\n","unknown":1})";
  const auto config = workerd_config(version, {});
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->has_assets);
  EXPECT_TRUE(config->parts.empty());
  EXPECT_TRUE(holds(config->text, "compatibilityDate = \"2021-11-02\""));
  EXPECT_TRUE(holds(config->text, R"(\"headers\":\"/*\\n A: b\\n\")"));
  EXPECT_FALSE(holds(config->text, "unknown"));
  EXPECT_FALSE(holds(config->text, "userWorker"));
}

TEST(WorkerdConfig, SaysWhatIsMissing) {
  EXPECT_EQ(workerd_config({}, {}).error().code, Errc::script_invalid);
  model::Version version = module_version();
  version.bindings_json = R"([{"name":"S","type":"secret_text"}])";
  EXPECT_EQ(workerd_config(version, {}).error().code, Errc::corrupt);
  version.bindings_json = R"([{"name":"T","type":"text_blob","part":"none"}])";
  EXPECT_EQ(workerd_config(version, {}).error().code, Errc::script_invalid);
  version = module_version();
  version.main_module = "other.js";
  EXPECT_EQ(workerd_config(version, {}).error().code, Errc::script_invalid);
}

}  // namespace
}  // namespace kiln::serving
