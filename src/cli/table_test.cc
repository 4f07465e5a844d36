#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kiln::cli {
namespace {

constexpr const char* kOne = "11111111-2222-4333-8444-555555555555";
constexpr const char* kOther = "11111111-2222-4999-8444-555555555555";

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Table, AlignsByCharactersWhateverTheColours) {
  const std::vector<Row> rows = {{{"käse", Colour::red}, {"a"}}, {{"b"}, {"c"}}};
  EXPECT_EQ(table({false}, rows), "käse  a\nb     c\n");
  EXPECT_EQ(table({true}, rows), "\x1b[31mkäse\x1b[0m  a\nb     c\n");
}

TEST(Table, ShortensIdsOnlyWhereThereIsNoRoomAndAsFarAsTheyDiffer) {
  const std::vector<Row> rows = {heading({"BUILD", "WORKER"}), {{kOne}, {"shop"}}, {{kOther}, {"web"}}};
  EXPECT_NE(table({false, 80}, rows).find(kOne), std::string::npos);
  EXPECT_EQ(table({false, 30}, rows),
            "BUILD             WORKER\n11111111-2222-43  shop\n11111111-2222-49  web\n");
  const std::vector<Row> alone = {heading({"BUILD", "WORKER"}), {{kOne}, {"shop"}}};
  EXPECT_EQ(table({false, 30}, alone), "BUILD     WORKER\n11111111  shop\n");
}

TEST(Table, LeavesSpareColumnsOutTheLastFirst) {
  const std::vector<Row> rows = {heading({"A", "B?", "C?"}),
                                 {{std::string(20, 'a')}, {std::string(20, 'b')}, {std::string(20, 'c')}}};
  EXPECT_EQ(lines_of(table({false, 64}, rows))[0], "A                     B                     C");
  const std::string narrow = lines_of(table({false, 30}, rows))[0];
  EXPECT_NE(narrow.find('B'), std::string::npos) << narrow;
  EXPECT_EQ(narrow.find('C'), std::string::npos) << narrow;
  EXPECT_EQ(lines_of(table({false, 20}, rows))[0], "A");
}

TEST(Table, NeverGoesBeyondTheWidthThatItHas) {
  std::vector<Row> rows = {heading({"BUILD", "WORKER", "STATE", "BRANCH", "WHEN", "MESSAGE?"})};
  for (int i = 0; i < 5; ++i) {
    rows.push_back({{kOne},
                    {std::string(60, 'w')},
                    {"terminated"},
                    {"feature/" + std::string(50, 'x')},
                    {"12 days ago"},
                    {std::string(200, 'm')}});
    rows.push_back({{"  " + std::string(300, 's')}});
  }
  for (const std::size_t width : {60U, 80U, 100U, 132U, 200U}) {
    for (const std::string& line : lines_of(table({false, width}, rows)))
      EXPECT_LE(width_of(line), width) << line;
  }
  EXPECT_NE(table({false, 200}, rows).find(std::string(60, 'w')), std::string::npos)
      << "more where there is more";
}

TEST(Facts, KeepTheirValuesWhole) {
  const std::string url(200, 'u');
  EXPECT_EQ(facts({false, 80}, {{{"url"}, {url}}, {{"state"}, {"ok"}}}), "url    " + url + "\nstate  ok\n");
}

TEST(CutTo, CountsCharacters) {
  EXPECT_EQ(cut_to("ääää", 4), "ääää");
  EXPECT_EQ(cut_to("äääää", 4), "äää…");
  EXPECT_EQ(cut_to("a", 0), "");
}

}  // namespace
}  // namespace kiln::cli
