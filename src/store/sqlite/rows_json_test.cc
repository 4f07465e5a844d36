#include "store/sqlite/rows_json.h"

#include <gtest/gtest.h>

#include "base/strings.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {
namespace {

TEST(RowsJson, GivesBackWhatItWasGiven) {
  EXPECT_EQ(strings_from_json(strings_to_json({"main", "", "\"*\""})),
            (std::vector<std::string>{"main", "", "\"*\""}));
  const std::map<std::string, std::string> secrets = {{"A", "line\nline"}, {"B", ""}};
  EXPECT_EQ(secrets_from_json(secrets_to_json(secrets)), secrets);
  const std::vector<model::LogLine> lines = {{-1, ""}, {9'007'199'254'740'993, "\x1b[1m"}};
  EXPECT_EQ(lines_from_json(R"([[-1,""],[9007199254740993,"\u001b[1m"]])"), lines);
  EXPECT_FALSE(pull_request_to_json(std::nullopt));
  EXPECT_EQ(pull_request_from_json(*pull_request_to_json(model::PullRequest{7, "u"}))->created_on, 7);
}

TEST(RowsJson, WritesNoSecretValue) {
  const std::vector<model::EnvVar> environment = {{"KEY", "needle", true, 1}};
  EXPECT_EQ(environment_to_json(environment).find("needle"), std::string::npos);
  EXPECT_EQ(environment_from_json(environment_to_json(environment))[0].name, "KEY");
}

TEST(RowsJson, KeepsBytesThatAreNoTextReadable) {
  for (const std::string& bytes :
       {std::string("\xff\xfe"), std::string("a\0b", 3), std::string("\xed\xa0\x80")}) {
    EXPECT_EQ(pull_request_from_json(*pull_request_to_json(model::PullRequest{1, bytes}))->url,
              to_valid_utf8(bytes));
  }
}

TEST(RowsJson, TellsDamageApart) {
  for (const char* damaged : {"", "[", "{}", "[1]", "[[1]]", "[[1,2]]", "[[\"1\",\"x\"]]", "null"}) {
    EXPECT_THROW((void)lines_from_json(damaged), SqlError) << damaged;
  }
  for (const char* damaged : {"", "{}", "[{}]", "[1]"}) {
    EXPECT_THROW((void)environment_from_json(damaged), SqlError) << damaged;
  }
}

}  // namespace
}  // namespace kiln::store::sqlite
