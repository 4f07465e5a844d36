#include "api/badges/picture.h"

#include <gtest/gtest.h>

namespace kiln::api::badges {
namespace {

using model::BuildOutcome;

store::LiveVersion live_version(double percentage, const std::string& commit) {
  store::LiveVersion version;
  version.version_id = *Uuid::parse("2dd4e3a1-6b57-4c1f-8e0a-7d9c3b2f1a64");
  version.percentage = percentage;
  version.branch = "secret-project";
  version.commit_message = "For the customer that nobody may know";
  version.commit_hash = commit;
  return version;
}

TEST(BadgePicture, SaysHowTheLatestBuildEnded) {
  EXPECT_EQ(words_of(BuildOutcome::success).message, "passing");
  EXPECT_EQ(words_of(BuildOutcome::fail).message, "failing");
  EXPECT_EQ(words_of(BuildOutcome::terminated).message, "cut short");
  EXPECT_EQ(words_of(std::optional<BuildOutcome>()).message, "none yet");
}

TEST(BadgePicture, SaysWhatMostRequestsGet) {
  EXPECT_EQ(words_of(std::vector<store::LiveVersion>()).message, "nothing");
  const std::vector<store::LiveVersion> split = {live_version(10, std::string(40, 'a')),
                                                 live_version(90, std::string(40, 'b'))};
  EXPECT_EQ(words_of(split).message, "bbbbbbbb");
  EXPECT_EQ(words_of(std::vector<store::LiveVersion>{live_version(100, "")}).message, "2dd4e3a1");
}

TEST(BadgePicture, HasItsWordsAsTextAndNothingElseOfTheBuild) {
  const std::string picture =
      picture_of(words_of(std::vector<store::LiveVersion>{live_version(100, std::string(40, 'c'))}));
  EXPECT_TRUE(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
  EXPECT_NE(picture.find("aria-label=\"live: cccccccc\""), std::string::npos);
  EXPECT_NE(picture.find(">cccccccc</text>"), std::string::npos);
  for (const char* word : {"secret-project", "customer", "<script", "<style", "href"})
    EXPECT_EQ(picture.find(word), std::string::npos) << word;
}

TEST(BadgePicture, EscapesWhatItIsGiven) {
  const std::string picture = picture_of({"a\"<b>", "&", Tone::good});
  EXPECT_EQ(picture.find("<b>"), std::string::npos);
  EXPECT_NE(picture.find("&amp;</text>"), std::string::npos);
}

}  // namespace
}  // namespace kiln::api::badges
