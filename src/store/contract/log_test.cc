#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Log : Contract {
  Uuid build = t.add_build(t.add_trigger()).uuid;
  ClaimRequest request = t.make_claim();
  Claimed claimed = t.claim_next(request);
  int seq = 0;

  void append(const std::vector<std::string>& texts) {
    std::vector<model::LogLine> lines;
    for (const std::string& text : texts) lines.push_back({++time, text});
    ASSERT_TRUE(t.queue.append_log(build, request.lease_id, ++seq, {model::pack(lines)}));
  }
  std::vector<std::string> texts(const LogPage& page) {
    std::vector<std::string> out;
    for (const model::LogLine& line : page.lines) out.push_back(line.text);
    return out;
  }
  TimeMs time = 0;
};

using Texts = std::vector<std::string>;

TEST_P(Log, OfABuildThatSaidNothingIsEmpty) {
  const LogPage page = *t.builds.log(build, "", 100);
  EXPECT_TRUE(page.lines.empty());
  EXPECT_EQ(page.cursor, "0");
  EXPECT_FALSE(page.more);
  EXPECT_TRUE(t.builds.log(build, "0", 100)->lines.empty());
}

TEST_P(Log, KeepsTimesColoursAndStrangeText) {
  const std::vector<model::LogLine> lines = {
      {1'767'323'045'678, "\x1b[32mok\x1b[0m \"quoted\" \\ \t ünï \xF0\x9F\x94\xA5"},
      {2, ""},
      {3, std::string("a\0b", 3)}};
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, {model::pack(lines)}));
  EXPECT_EQ(t.builds.log(build, "", 1000)->lines, lines);
}

TEST_P(Log, IsReadOnFromTheCursorAcrossChunks) {
  append({"aa", "bb", "cc"});
  append({});
  append({"dd"});
  append({"ee", "ff"});
  LogPage page = *t.builds.log(build, "", 4);
  EXPECT_EQ(texts(page), (Texts{"aa", "bb"}));
  EXPECT_TRUE(page.more);
  page = *t.builds.log(build, page.cursor, 6);
  EXPECT_EQ(texts(page), (Texts{"cc", "dd", "ee"}));
  EXPECT_TRUE(page.more);
  page = *t.builds.log(build, page.cursor, 100);
  EXPECT_EQ(texts(page), Texts{"ff"});
  EXPECT_FALSE(page.more);
  EXPECT_EQ(t.builds.log(build, page.cursor, 100)->cursor, page.cursor);
  append({"gg"});
  EXPECT_EQ(texts(*t.builds.log(build, page.cursor, 100)), Texts{"gg"});
}

TEST_P(Log, GivesAtLeastOneLineHoweverLong) {
  append({std::string(500, 'x'), "y"});
  const LogPage page = *t.builds.log(build, "", 0);
  ASSERT_EQ(page.lines.size(), 1U);
  EXPECT_EQ(page.lines[0].text.size(), 500U);
  EXPECT_TRUE(page.more);
}

TEST_P(Log, ReadsTheSameLinesAtEveryPageSize) {
  Texts all;
  for (int chunk = 0; chunk < 7; ++chunk) {
    Texts texts;
    for (int i = 0; i < chunk; ++i) texts.push_back(std::string(static_cast<std::size_t>(i * 3 + 1), 'a'));
    append(texts);
    all.insert(all.end(), texts.begin(), texts.end());
  }
  for (std::size_t size = 1; size < 60; ++size) {
    Texts read;
    LogPage page;
    do {
      page = *t.builds.log(build, page.cursor, size);
      for (const std::string& text : texts(page)) read.push_back(text);
    } while (page.more);
    EXPECT_EQ(read, all) << "page size " << size;
  }
}

TEST_P(Log, StoresOfACallThatComesAgainOnlyWhatIsNew) {
  const std::vector<model::LogChunk> chunks = {model::pack({{1, "a"}}), model::pack({{2, "b"}, {3, "c"}})};
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, {chunks[0]}));
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, chunks));
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, chunks));
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 3, {model::pack({{4, "d"}})}));
  EXPECT_EQ(t.queue.append_log(build, request.lease_id, 5, chunks).error().code, Errc::conflict);
  EXPECT_EQ(texts(*t.builds.log(build, "", 100)), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(texts(*t.builds.log(build, "2", 100)), (Texts{"c", "d"}));
}

TEST_P(Log, ThatIsDamagedSaysSo) {
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, {model::LogChunk{1, "no frame"}}));
  EXPECT_EQ(t.builds.log(build, "", 100).error().code, Errc::corrupt);
}

TEST_P(Log, RefusesACursorThatItNeverGave) {
  append({"a"});
  for (const char* cursor : {"-1", "2", "x", "1x", " 1", "99999999999999999999999", "1.0"}) {
    const Result<LogPage> refused = t.builds.log(build, cursor, 100);
    ASSERT_FALSE(refused) << cursor;
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_EQ(refused.error().field, "cursor");
  }
}

KILN_CONTRACT(Log);

}  // namespace
}  // namespace kiln::store::contract
