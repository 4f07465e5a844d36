#include "scm/forge/report_words.h"

#include <gtest/gtest.h>

namespace kiln::scm {
namespace {

using ::testing::Test;

model::PullRequestRow row(model::ReportState state) {
  return {"shop",
          "9fceb02d0ae598e95dc970b74767f19372d61af8",
          state,
          "https://kiln.example/?to=/acc/x",
          "https://a1b2c3d4-shop.dev.workers.example",
          "https://feature-shop.dev.workers.example",
          1'786'532'880'000};
}

TEST(CheckSummary, SaysOneThingALineInTheHostedServicesWords) {
  model::BuildReport report;
  report.build = *Uuid::parse("5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");
  report.worker_name = "shop";
  report.build_url = "https://k/b";
  report.worker_url = "https://k/w";
  EXPECT_EQ(check_summary(report),
            "\nBuild ID: [5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90](https://k/b)\nScript: [shop](https://k/w)\n");
  report.version = {*Uuid::parse("a1b2c3d4-0000-4000-8000-000000000000"), "https://v", "https://a"};
  EXPECT_EQ(check_summary(report),
            "\nBuild ID: [5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90](https://k/b)\nScript: [shop](https://k/w)\n"
            "Version ID: a1b2c3d4-0000-4000-8000-000000000000\nPreview URL: https://v\n"
            "Preview Alias URL: https://a\n");
}

TEST(CheckSummary, SaysWhyABuildWasTerminated) {
  model::BuildReport report;
  report.build = *Uuid::parse("5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");
  report.worker_name = "shop";
  report.state = model::ReportState::failure;
  report.reason = "Build was terminated:\nBuild ID: [its](x) runner was lost, <b>@acme</b>";
  const std::string text = check_summary(report);
  const std::string last = text.substr(text.find("\nReason: ") + 1);
  EXPECT_EQ(last.find('\n'), last.size() - 1) << "one line";
  EXPECT_NE(last.find("\\[its\\](x) runner was lost, &lt;b&gt;&#64;acme"), std::string::npos) << text;
  EXPECT_EQ(text.find("\nBuild ID: ", 1), std::string::npos) << "no line of its own";
}

TEST(CheckLog, NoBlockOfTheLogEndsOurs) {
  model::BuildReport report;
  report.log_tail = "before\n````\nafter";
  EXPECT_EQ(check_log(report, 1'000), "`````text\nbefore\n````\nafter\n`````");
}

TEST(CheckLog, KeepsTheLastWholeLinesWithinItsSize) {
  model::BuildReport report;
  for (int i = 0; i < 100; ++i) report.log_tail += "line " + std::to_string(i) + "\n";
  const std::string text = check_log(report, 100);
  EXPECT_LE(text.size(), 100U);
  EXPECT_NE(text.find("\nline 99\n"), std::string::npos);
  EXPECT_EQ(text.find("line 10\n"), std::string::npos);
}

TEST(Comment, HasOneRowAWorkerAndTheUsualCells) {
  const std::string text = comment_text({row(model::ReportState::success)});
  EXPECT_NE(text.find("| Status | Name | Latest Commit | Preview URL | Updated (UTC) |\n| -|-|-|-|-|\n"),
            std::string::npos);
  EXPECT_NE(text.find("| ✅ Deployment successful! <br>[View logs](https://kiln.example/?to=/acc/x) | shop | "
                      "9fceb02d | <a href='https://a1b2c3d4-shop.dev.workers.example'>Commit Preview URL</a>"
                      "<br><br><a href='https://feature-shop.dev.workers.example'>Branch Preview URL</a> | "
                      "Aug 12 2026, 11:08 AM |\n"),
            std::string::npos)
      << text;
}

TEST(Comment, BeginsAsTheHostedServicesDoes) {
  const std::string text = comment_text({row(model::ReportState::success)});
  const std::string heading =
      "## Deploying with &nbsp;<a href=\"https://workers.dev\"><img alt=\"Cloudflare Workers\" "
      "src=\"https://workers.cloudflare.com/logo.svg\" width=\"16\"></a> &nbsp;Cloudflare Workers\n";
  EXPECT_EQ(text.substr(0, heading.size()), heading);
  const std::size_t table = text.find("\n\n| Status |");
  ASSERT_NE(table, std::string::npos);
  EXPECT_NE(text.substr(0, table).find(
                "](https://developers.cloudflare.com/workers/ci-cd/builds/git-integration/)"),
            std::string::npos);
  EXPECT_EQ(text.substr(0, table).find('\n', heading.size()), std::string::npos) << "one line of words";
}

TEST(Comment, ItsMarkerIsItsLastLineAndOutlivesACut) {
  const std::string marker = comment_marker("acc");
  EXPECT_EQ(marked_comment("words\n", marker, 1'000), "words\n\n" + marker);
  const std::string cut = marked_comment(std::string(1'000, 'x'), marker, 100);
  EXPECT_EQ(cut.size(), 100U);
  EXPECT_TRUE(cut.ends_with("\n\n" + marker));
  EXPECT_TRUE(bears_marker(cut, marker));
  EXPECT_TRUE(bears_marker("words\r\n\r\n" + marker + "\n", marker));
  EXPECT_FALSE(bears_marker("> " + marker + "\n\nan answer", marker));
  EXPECT_FALSE(bears_marker("> words\n> " + marker, marker)) << "somebody quotes it";
  EXPECT_FALSE(bears_marker("words\n\n" + comment_marker("other"), marker));
}

TEST(Comment, WithoutPreviewsThatColumnIsAbsent) {
  model::PullRequestRow failed = row(model::ReportState::failure);
  failed.preview_url = failed.alias_url = "";
  const std::string text = comment_text({failed});
  EXPECT_NE(text.find("| Status | Name | Latest Commit | Updated (UTC) |\n| -|-|-|-|\n"), std::string::npos);
  EXPECT_NE(text.find("❌ Deployment failed <br>[View logs]"), std::string::npos);
}

TEST(Comment, StrangersTextBreaksNoTableAndMentionsNobody) {
  EXPECT_EQ(table_cell("a|b <img> @acme `x` #1"), "a&#124;b &lt;img&gt; &#64;acme \\`x\\` &#35;1");
}

TEST(Comment, AnAddressEndsNeitherItsLinkNorItsAttribute) {
  model::PullRequestRow hostile = row(model::ReportState::success);
  hostile.details_url = "https://k/) [x](javascript:alert(1)";
  hostile.preview_url = "https://k/'><script>";
  const std::string text = comment_text({hostile});
  EXPECT_EQ(text.find("<script>"), std::string::npos);
  EXPECT_EQ(text.find("](javascript:"), std::string::npos);
}

}  // namespace
}  // namespace kiln::scm
