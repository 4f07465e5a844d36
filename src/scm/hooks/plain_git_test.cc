#include "scm/hooks/plain_git.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace kiln::scm {
namespace {

const std::string kBefore(40, '1');
const std::string kAfter(40, '2');
const std::string kZero(40, '0');

std::string report(std::initializer_list<std::string> fields) {
  std::string body;
  for (const std::string& field : fields) body += field + '\0';
  return body;
}

std::vector<model::PushEvent> pushes_of(const std::string& body) {
  const Result<model::ScmEvent> event = parse_plain_git(body);
  if (!event) {
    ADD_FAILURE() << event.error().message;
    return {};
  }
  return std::get<std::vector<model::PushEvent>>(*event);
}

TEST(PlainGitReport, CarriesEveryRefWithItsFiles) {
  const auto pushes = pushes_of(report({"kiln-push-1", "d-1",
                                        "ref",         kBefore,
                                        kAfter,        "refs/heads/main",
                                        "1",           "3",
                                        "Ada",         "Hello\n\nbody\n",
                                        "0",           "a b.txt",
                                        "new\nline",   "",
                                        "ref",         kZero,
                                        kAfter,        "refs/heads/two",
                                        "0",           "1",
                                        "Bob",         "x",
                                        "1",           ""}));
  ASSERT_EQ(pushes.size(), 2U);
  EXPECT_EQ(pushes[0].delivery_id, "d-1");
  EXPECT_EQ(pushes[0].branch(), "main");
  EXPECT_TRUE(pushes[0].forced);
  EXPECT_EQ(pushes[0].changed.commits, 3U);
  EXPECT_TRUE(pushes[0].changed.known);
  EXPECT_EQ(pushes[0].changed.paths, (std::vector<std::string>{"a b.txt", "new\nline"}));
  EXPECT_EQ(pushes[0].head_message, "Hello\n\nbody");
  EXPECT_TRUE(pushes[1].before.empty());
  EXPECT_FALSE(pushes[1].changed.known) << "a new branch has no old commit to compare with";
  EXPECT_TRUE(pushes[1].skip_requested);
}

TEST(PlainGitReport, TellsADeletedBranch) {
  const auto pushes = pushes_of(
      report({"kiln-push-1", "d", "ref", kBefore, kZero, "refs/heads/x", "0", "0", "", "", "0", ""}));
  ASSERT_EQ(pushes.size(), 1U);
  EXPECT_TRUE(pushes[0].deleted());
}

TEST(PlainGitReport, SaysAtWhichFieldItGoesWrong) {
  const std::string good =
      report({"kiln-push-1", "d", "ref", kBefore, kAfter, "refs/heads/x", "0", "1", "A", "m", "0", ""});
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    const Result<model::ScmEvent> event = parse_plain_git(std::string_view(good).substr(0, cut));
    if (event) {
      EXPECT_TRUE(std::holds_alternative<model::IgnoredEvent>(*event)) << cut;
    } else {
      EXPECT_EQ(event.error().code, Errc::invalid);
      EXPECT_NE(event.error().message.find("field"), std::string::npos) << event.error().message;
    }
  }
}

TEST(PlainGitReport, RefusesStrangeValues) {
  EXPECT_FALSE(parse_plain_git(report({"kiln-push-2", "d"})));
  EXPECT_FALSE(parse_plain_git(
      report({"kiln-push-1", "d", "ref", "xyz", kAfter, "refs/heads/x", "0", "1", "A", "m", "0", ""})));
  EXPECT_FALSE(parse_plain_git(
      report({"kiln-push-1", "d", "ref", kBefore, kAfter, "main", "0", "1", "A", "m", "0", ""})));
  EXPECT_FALSE(parse_plain_git(
      report({"kiln-push-1", "d", "ref", kBefore, kAfter, "refs/heads/x", "2", "1", "A", "m", "0", ""})));
  EXPECT_FALSE(parse_plain_git(
      report({"kiln-push-1", "d", "ref", kBefore, kAfter, "refs/heads/x", "0", "-1", "A", "m", "0", ""})));
}

TEST(PlainGitReport, StopsCountingFilesAtTheBypass) {
  std::string body =
      report({"kiln-push-1", "d", "ref", kBefore, kAfter, "refs/heads/x", "0", "1", "A", "m", "0"});
  for (int i = 0; i < 4'000; ++i) body += "f" + std::to_string(i) + '\0';
  body += '\0';
  EXPECT_EQ(pushes_of(body)[0].changed.paths.size(), model::kMaxFilesLookedAt);
}

}  // namespace
}  // namespace kiln::scm
