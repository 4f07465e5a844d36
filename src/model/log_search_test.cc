#include "model/log_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/log_text.h"

namespace kiln::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string text_of(const std::vector<std::string>& lines) {
  LogText text;
  TimeMs time = 1'700'000'000'000;
  for (const std::string& line : lines) text.add(++time, line, line.starts_with("Failed"));
  return text.text();
}

LogSearch search(LogQuery query, const std::vector<std::vector<std::string>>& stretches) {
  LogSearch search(std::move(query));
  std::int64_t first = 1;
  for (const auto& lines : stretches) {
    search.feed(first, text_of(lines));
    first += static_cast<std::int64_t>(lines.size());
  }
  return search;
}

TEST(LogSearch, FindsLinesByNumberAcrossStretches) {
  const LogSearch found = search({"needle"}, {{"a", "needle one needle"}, {}, {"b", "c", "the needle"}});
  EXPECT_EQ(found.count(), 2);
  EXPECT_THAT(found.numbers(), ElementsAre(2, 5));
  ASSERT_EQ(found.hits().size(), 2U);
  EXPECT_EQ(found.hits()[1].number, 5);
  EXPECT_EQ(found.hits()[1].line.text, "the needle");
  EXPECT_EQ(found.next(), 0);
}

TEST(LogSearch, SeesNoTimesAndNoMarksOfTheService) {
  const LogSearch found = search({"1700"}, {{"x", "it is 1700 now", "Failed: 1700"}});
  EXPECT_THAT(found.numbers(), ElementsAre(2, 3));
  EXPECT_EQ(search({"! "}, {{"Failed: a"}}).count(), 0);
  EXPECT_EQ(search({" x"}, {{"x", "a x"}}).count(), 1) << "the space behind the time is none of the line's";
}

TEST(LogSearch, LooksThroughColoursAndKeepsThemInWhatItGives) {
  const LogSearch found = search({"ERROR here"}, {{"ok", "\x1b[31mERR\x1b[0mOR here", "error here"}});
  EXPECT_THAT(found.numbers(), ElementsAre(2));
  EXPECT_EQ(found.hits()[0].line.text, "\x1b[31mERR\x1b[0mOR here");
}

TEST(LogSearch, IgnoresCaseWhenAsked) {
  const std::vector<std::vector<std::string>> lines = {{"ERROR", "Error", "error", "fehler"}};
  EXPECT_EQ(search({"error"}, lines).count(), 1);
  EXPECT_EQ(search({.text = "eRRor", .ignore_case = true}, lines).count(), 3);
}

TEST(LogSearch, GivesAPageAndSaysWhereTheNextBegins) {
  const std::vector<std::vector<std::string>> lines = {{"x", "x", "y", "x"}, {"x", "y", "x"}};
  const LogSearch first = search({.text = "x", .from = 2, .limit = 2}, lines);
  EXPECT_EQ(first.count(), 5);
  EXPECT_EQ(first.hits().size(), 2U);
  EXPECT_EQ(first.hits()[0].number, 2);
  EXPECT_EQ(first.next(), 5);
  const LogSearch second = search({.text = "x", .from = 5, .limit = 2}, lines);
  EXPECT_EQ(second.hits()[1].number, 7);
  EXPECT_EQ(second.next(), 0);
}

TEST(LogSearch, FindsNothingAcrossLines) {
  EXPECT_EQ(search({"a\nb"}, {{"a", "b"}}).count(), 0);
  EXPECT_THAT(search({"\n"}, {{"a", "b"}}).numbers(), IsEmpty());
  EXPECT_EQ(search({"x"}, {{""}, {"", ""}}).count(), 0);
}

TEST(LogSearch, KeepsOnlySoManyNumbers) {
  const std::vector<std::string> many(LogSearch::kNumbersKept + 5, "x");
  const LogSearch found = search({.text = "x", .limit = 1}, {many});
  EXPECT_EQ(found.count(), static_cast<std::int64_t>(many.size()));
  EXPECT_EQ(found.numbers().size(), LogSearch::kNumbersKept);
}

// Compared with looking at each line alone.
TEST(LogSearch, AgreesWithLookingAtEachLine) {
  std::vector<std::string> lines;
  for (int i = 0; i < 600; ++i) {
    std::string line;
    for (int j = 0; j < i % 7; ++j) line += static_cast<char>('0' + (i * 31 + j * 17) % 10);
    if (i % 3 == 0) line.insert(line.size() / 2, "\x1b[1m");
    lines.push_back(line);
  }
  for (const char* wanted : {"1", "17", "7", "00", "170", "9 ", "3!"}) {
    std::vector<std::int64_t> expected;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (without_colours(lines[i]).find(wanted) != std::string::npos)
        expected.push_back(static_cast<std::int64_t>(i) + 1);
    }
    const std::vector<std::string> head(lines.begin(), lines.begin() + 77);
    const std::vector<std::string> rest(lines.begin() + 77, lines.end());
    EXPECT_EQ(search({wanted}, {head, rest}).numbers(), expected) << wanted;
  }
}

}  // namespace
}  // namespace kiln::model
