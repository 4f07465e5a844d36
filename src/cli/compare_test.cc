// `kiln compare`, and `kiln show` of a version, against a server whose answers are given.
#include <gtest/gtest.h>

#include "cli/command_line_for_test.h"

namespace kiln::cli {
namespace {

constexpr const char* kVersion = "2dd4e3a1-6b57-4c1f-8e0a-7d9c3b2f1a64";
constexpr const char* kOneVersion =
    R"({"success":true,"result":{"ids":[{"kind":"version","id":"2dd4e3a1-6b57-4c1f-8e0a-7d9c3b2f1a64","worker_name":"shop"}]}})";

using CompareTest = CommandLine;

TEST_F(CompareTest, SaysWhatDiffersFromTheLastGoodBuild) {
  serve();
  http_.answers = {
      {200, R"({"success":true,"result":{"other":{"build_uuid":"99999999-2222-4333-8444-555555555555",
        "branch":"main","created_on":"2026-01-01T00:00:00.000Z"},"same_commit":true,"commits_url":null,
        "changes":[{"subject":"build_command","name":null,"from":"npm test\u001b[2J","to":"npm run build"},
                   {"subject":"variable","name":"NPM_TOKEN","from":null,"to":"set"}]}})"}};
  EXPECT_EQ(run({"compare", kBuild}), kDone) << err_.str();
  EXPECT_NE(http_.asked.at(0).url.find("/compare?to=last_good"), std::string::npos);
  const std::string out = out_.str();
  for (const char* words : {"compared with 99999999-2222", "of the same commit", "build command",
                            "npm run build", "variable NPM_TOKEN", "(none)"})
    EXPECT_NE(out.find(words), std::string::npos) << words << " in\n" << out;
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
}

TEST_F(CompareTest, SaysThatThereIsNothingToCompareWith) {
  serve();
  http_.answers = {
      {200,
       R"({"success":true,"result":{"other":null,"same_commit":false,"commits_url":null,"changes":[]}})"}};
  EXPECT_EQ(run({"compare", kBuild}), kDone) << err_.str();
  EXPECT_NE(out_.str().find("nothing to compare it with"), std::string::npos) << out_.str();
}

TEST_F(CompareTest, ComparesAVersionWithWhatIsLive) {
  serve();
  http_.answers = {
      {404,
       R"({"success":false,"errors":[{"code":12000,"message":"Not found"}],"messages":[],"result":null})"},
      {200, kOneVersion},
      {200, R"({"success":true,"result":{"other_version_ids":["5a6b7c8d-0000-4000-8000-000000000000"],
        "changes":[],"secrets":{"only_here":["NEW"],"only_there":[]}}})"}};
  EXPECT_EQ(run({"compare", kVersion}), kDone) << err_.str();
  EXPECT_TRUE(
      http_.asked.at(2).url.ends_with(std::string("/scripts/shop/versions/") + kVersion + "/compare?to=live"))
      << http_.asked.at(2).url;
  EXPECT_NE(out_.str().find("5a6b7c8d-0000, which is live"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("secret NEW"), std::string::npos) << out_.str();
}

TEST_F(CompareTest, AVersionShowsWhatItIsMadeOf) {
  serve();
  http_.answers = {
      {404,
       R"({"success":false,"errors":[{"code":12000,"message":"Not found"}],"messages":[],"result":null})"},
      {200, kOneVersion},
      {200, R"({"success":true,"result":{"id":"2dd4e3a1-6b57-4c1f-8e0a-7d9c3b2f1a64","source":"wrangler",
        "created_on":"2026-01-01T00:00:00.000Z","main_module":"index.js","compatibility_date":"2026-11-01",
        "compatibility_flags":["nodejs_compat"],"urls":[],"bindings":[{"name":"STRIPE_KEY","type":"secret_text"}],
        "parts":{"modules":[{"name":"index.js","content_type":"application/javascript+module","size":2048}],
                 "assets":[{"path":"/a.png","size":1024}]}}})"}};
  EXPECT_EQ(run({"show", kVersion}), kDone) << err_.str();
  EXPECT_TRUE(http_.asked.at(2).url.ends_with(std::string("/workers/workers/shop/versions/") + kVersion +
                                              "?include=parts"))
      << http_.asked.at(2).url;
  for (const char* words :
       {"index.js", "2 KiB", "main", "assets: 1 file, 1 KiB", "/a.png", "STRIPE_KEY", "nodejs_compat"})
    EXPECT_NE(out_.str().find(words), std::string::npos) << words << " in\n" << out_.str();
}

}  // namespace
}  // namespace kiln::cli
