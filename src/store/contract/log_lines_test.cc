#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using Texts = std::vector<std::string>;
constexpr std::size_t kMany = 1'000'000;

struct LogLines : Contract {
  Uuid build = t.add_build(t.add_trigger()).uuid;
  ClaimRequest request = t.make_claim();
  Claimed claimed = t.claim_next(request);
  int seq = 0;
  TimeMs time = 0;

  void append(const Texts& texts) {
    std::vector<model::LogLine> lines;
    for (const std::string& text : texts) lines.push_back({++time, text});
    ASSERT_TRUE(t.queue.append_log(build, request.lease_id, ++seq, {model::pack(lines)}));
  }
  void append_all() {
    append({"1", "2", "3"});
    append({});
    append({"4"});
    append({"5", "6"});
  }
  LogWindow from(std::int64_t line, std::int64_t count, std::size_t bytes = kMany) {
    return *t.logs.lines(build, {LineRange::Side::from, line, count}, bytes);
  }
  LogWindow before(std::int64_t line, std::int64_t count, std::size_t bytes = kMany) {
    return *t.logs.lines(build, {LineRange::Side::before, line, count}, bytes);
  }
  static Texts texts(const LogWindow& window) {
    Texts out;
    for (const model::LogLine& line : window.lines) out.push_back(line.text);
    return out;
  }
};

TEST_P(LogLines, AreReadByNumber) {
  append_all();
  EXPECT_EQ(texts(from(1, 2)), (Texts{"1", "2"}));
  const LogWindow middle = from(3, 3);
  EXPECT_EQ(texts(middle), (Texts{"3", "4", "5"}));
  EXPECT_EQ(middle.first, 3);
  EXPECT_EQ(middle.total, 6);
  EXPECT_EQ(texts(from(6, 100)), Texts{"6"});
}

TEST_P(LogLines, AreReadBackwards) {
  append_all();
  const LogWindow window = before(6, 3);
  EXPECT_EQ(texts(window), (Texts{"3", "4", "5"}));
  EXPECT_EQ(window.first, 3);
  EXPECT_EQ(before(3, 100).first, 1);
  EXPECT_EQ(texts(before(3, 100)), (Texts{"1", "2"}));
  EXPECT_EQ(texts(before(7, 2)), (Texts{"5", "6"})) << "the last lines";
}

TEST_P(LogLines, BeyondTheEndsAreNone) {
  append_all();
  EXPECT_TRUE(from(7, 5).lines.empty());
  EXPECT_EQ(from(1'000, 5).first, 7);
  EXPECT_TRUE(before(1, 5).lines.empty());
  EXPECT_EQ(before(1, 5).first, 1);
  EXPECT_EQ(texts(before(1'000, 1)), Texts{"6"});
}

TEST_P(LogLines, OfABuildThatSaidNothingAreNone) {
  EXPECT_TRUE(from(1, 5).lines.empty());
  EXPECT_EQ(from(1, 5).total, 0);
  EXPECT_EQ(*t.logs.count(build), 0);
  EXPECT_TRUE(t.logs.walk(build, 1, [](std::int64_t, std::string_view) { return ADD_FAILURE(), true; }));
}

TEST_P(LogLines, KeepToTheirBytesAndGiveOneAtLeast) {
  append({"aaaa", "bb", "cccc"});
  EXPECT_EQ(texts(from(1, 3, 6)), (Texts{"aaaa", "bb"}));
  EXPECT_EQ(texts(from(1, 3, 1)), Texts{"aaaa"});
  const LogWindow last = before(4, 3, 6);
  EXPECT_EQ(texts(last), (Texts{"bb", "cccc"}));
  EXPECT_EQ(last.first, 2);
  EXPECT_EQ(texts(before(4, 3, 1)), Texts{"cccc"});
}

TEST_P(LogLines, AreWalkedOverInStretchesUntilItIsEnough) {
  append_all();
  std::vector<std::int64_t> firsts;
  std::string all;
  const auto walk = [&](std::int64_t begin, std::size_t most) {
    firsts.clear();
    all.clear();
    return t.logs.walk(build, begin, [&](std::int64_t first, std::string_view text) {
      firsts.push_back(first);
      model::LogTextReader reader(text);
      while (const auto line = reader.next()) all += line->text;
      return firsts.size() < most;
    });
  };
  EXPECT_EQ(*walk(1, 100), 6);
  EXPECT_EQ(all, "123456");
  EXPECT_EQ(firsts.front(), 1);
  EXPECT_EQ(*walk(5, 100), 6);
  EXPECT_EQ(all, "56");
  EXPECT_EQ(firsts, std::vector<std::int64_t>{5});
  EXPECT_EQ(*walk(1, 1), 6);
  EXPECT_EQ(all, "123");
  EXPECT_EQ(*walk(7, 100), 6);
  EXPECT_TRUE(all.empty());
}

TEST_P(LogLines, OfADamagedChunkSaySo) {
  ASSERT_TRUE(t.queue.append_log(build, request.lease_id, 1, {model::LogChunk{1, "no frame"}}));
  EXPECT_EQ(t.logs.lines(build, {LineRange::Side::from, 1, 1}, 1).error().code, Errc::corrupt);
  EXPECT_EQ(t.logs.walk(build, 1, [](std::int64_t, std::string_view) { return true; }).error().code,
            Errc::corrupt);
}

KILN_CONTRACT(LogLines);

}  // namespace
}  // namespace kiln::store::contract
