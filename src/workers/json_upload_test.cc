#include "workers/json_upload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "workers/test_target.h"

namespace kiln::workers {
namespace {

using ::testing::HasSubstr;

constexpr TimeMs kNow = 1'800'000'000'000;

Result<JsonUpload> read(const std::string& text) {
  return read_json_upload(boost::json::parse(text).as_object(), text, kNow);
}

std::string with_modules(const std::string& modules, const std::string& more = "") {
  return R"({"main_module":"index.js","modules":)" + modules + more + "}";
}

TEST(JsonUpload, HoldsModulesByTheirNames) {
  const auto upload = read(with_modules(
      R"([{"name":"index.js","content_type":"application/javascript+module","content_base64":"MQ=="},
          {"name":"a.txt","content_type":"text/plain","content_base64":""}])"));
  ASSERT_TRUE(upload) << upload.error().message;
  EXPECT_EQ(upload->metadata.main_module, "index.js");
  ASSERT_EQ(upload->parts.size(), 3U);
  EXPECT_EQ(upload->parts[0].name, "index.js");
  EXPECT_EQ(upload->parts[0].content, "1");
  EXPECT_EQ(upload->parts[1].content, "");
  EXPECT_EQ(upload->parts[2].name, "metadata");
}

TEST(JsonUpload, NamesTheModuleThatIsWrong) {
  EXPECT_EQ(read(with_modules("3")).error().field, "modules");
  EXPECT_EQ(read(with_modules("[3]")).error().field, "modules[0]");
  EXPECT_EQ(read(with_modules(R"([{"name":"a","content_type":"text/plain"}])")).error().field, "modules[0]");
  EXPECT_THAT(read(with_modules(R"([{"name":"a","content_type":"text/plain","content_base64":"?"}])"))
                  .error()
                  .message,
              HasSubstr("not base64"));
}

TEST(JsonUpload, PutsTheRulesOfAssetsWhereTheyBelong) {
  const std::string rules =
      R"([{"name":"_headers","content_type":"text/plain","content_base64":"LyoKICBYLUE6IDEK"}])";
  const auto upload = read(with_modules(rules, R"(,"assets":{"jwt":"t","config":{"html_handling":"none"}})"));
  ASSERT_TRUE(upload) << upload.error().message;
  EXPECT_EQ(upload->parts.size(), 1U);
  EXPECT_THAT(upload->metadata.assets->config_json, HasSubstr("X-A: 1"));
  EXPECT_THAT(upload->metadata.assets->config_json, HasSubstr("html_handling"));
  EXPECT_EQ(read(with_modules(rules))->parts.size(), 2U) << "without assets it is a module";
}

TEST(JsonUpload, BecomesAVersion) {
  TestTarget target;
  const std::string body = with_modules(
      R"([{"name":"index.js","content_type":"application/javascript+module","content_base64":"MQ=="}])");
  const auto upload = read(body);
  const auto made = upload_program(target.ports, target.actor,
                                   {target.worker, false, upload->parts, true, true}, upload->metadata);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(target.deployed(), made->id.str());
  EXPECT_EQ(target.blobs.get(made->modules.at(0).blob, 10).value(), "1");
}

}  // namespace
}  // namespace kiln::workers
