// `kiln show` and `kiln dashboard` against a server whose answers are given.
#include <gtest/gtest.h>

#include "cli/command_line_for_test.h"

namespace kiln::cli {
namespace {

constexpr const char* kDetail = R"({"success":true,"result":{
  "build":{}, "worker_url":null, "runner_id":"embedded", "log_lines":30, "queued_ms":87, "expected_ms":41000,
  "summary":{"build_uuid":"11111111-2222-4333-8444-555555555555","worker_name":"shop","status":"stopped",
    "build_outcome":"fail","sentence":"npm clean-install failed: \u001b[31mlock file out of step with package.json",
    "attempt":2,"branch":"main","commit_hash":"9fceb02d0ae598e95dc970b74767f19372d61af8","commit_message":"Show\nmore",
    "author":"Ada","created_on":"2026-01-01T00:00:00.000Z","duration_ms":4300},
  "steps":[{"step":"install","attempt":2,"state":"failed","started_on":"2026-01-01T00:00:00.000Z",
    "stopped_on":"2026-01-01T00:00:04.000Z","command":"npm clean-install --progress=false","exit_code":1,"signal":null,
    "first_line":12}],
  "tools":[{"name":"nodejs","version":"22.16.0"}],
  "caches":[{"kind":"dependencies","restored":true,"kept":"unchanged","bytes":7}],
  "usage":{"memory_peak_bytes":412090368,"cpu_ms":21400,"written_bytes":null,"processes_peak":34,"build_minutes":1},
  "waiting":null, "versions":[]}})";

using ShowTest = CommandLine;

TEST_F(ShowTest, SaysWhatBecameOfTheBuildAndItsSteps) {
  serve();
  http_.answers = {{200, kDetail}};
  EXPECT_EQ(run({"show", kBuild}), kDone) << err_.str();
  const std::string out = out_.str();
  EXPECT_TRUE(out.starts_with("fail: npm clean-install failed: lock file out of step with package.json\n"))
      << out;
  for (const char* words :
       {"failed, exit code 1", "4.0 s", "line 12", "nodejs 22.16.0", "dependencies restored, unchanged",
        "393 MiB of memory", "1 build minutes", "as a rule 41 s", "attempt"})
    EXPECT_NE(out.find(words), std::string::npos) << words << " in\n" << out;
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(http_.asked.at(0).url.ends_with(std::string("/builds/builds/") + kBuild + "/detail"));
}

TEST_F(ShowTest, NamesABuildThatIsNotThere) {
  serve();
  http_.answers = {
      {404,
       R"({"success":false,"errors":[{"code":12000,"message":"Not found"}],"messages":[],"result":null})"},
      {200, R"({"success":true,"result":{"ids":[]}})"}};
  EXPECT_EQ(run({"show", kBuild}), kFailed);
  EXPECT_NE(err_.str().find(kBuild), std::string::npos);
}

TEST_F(ShowTest, TheDashboardsLinkHasItsCodeBehindAHash) {
  serve();
  http_.answers = {
      {200, R"({"success":true,"result":{"public_url":"http://127.0.0.1:8787"}})"},
      {200, R"({"success":true,"result":{"code":"kiln_l_abc","expires_on":"2026-01-01T00:05:00.000Z"}})"}};
  EXPECT_EQ(run({"dashboard"}), kDone) << err_.str();
  EXPECT_EQ(out_.str(), "http://127.0.0.1:8787/login#kiln_l_abc\n");
  EXPECT_EQ(http_.asked.at(1).body, "{}");
}

TEST_F(ShowTest, AReadOnlyLinkIsForOneAccount) {
  serve();
  http_.answers = {
      {200, R"({"success":true,"result":{"public_url":"http://127.0.0.1:8787"}})"},
      {200, R"({"success":true,"result":{"code":"kiln_l_abc","expires_on":"2026-01-01T00:05:00.000Z"}})"}};
  EXPECT_EQ(run({"dashboard", "--read-only"}), kDone) << err_.str();
  const std::string body = http_.asked.at(1).body;
  EXPECT_NE(body.find(kAccount), std::string::npos) << body;
  EXPECT_NE(body.find("ci:read,scripts:read"), std::string::npos) << body;
}

}  // namespace
}  // namespace kiln::cli
