#include <gtest/gtest.h>

#include "cli/command_line_for_test.h"

namespace kiln::cli {
namespace {

constexpr const char* kTriggers =
    R"({"success":true,"result":[{"trigger_uuid":"5a6b7c8d-2222-4333-8444-555555555555","trigger_name":"Deploy main","external_script_id":"x"}]})";
constexpr const char* kScripts = R"({"success":true,"result":[{"id":"shop","tag":"x"}]})";
constexpr const char* kChanged = R"({"success":true,"result":{"trigger_name":"Deploy main"}})";

class SetTrigger : public CommandLine {
 protected:
  // What is sent of `kiln trigger set shop WORDS`, or what is said instead.
  std::string sent(std::vector<std::string> words) {
    words.insert(words.begin(), {"trigger", "set", "shop"});
    http_.asked.clear();
    http_.answers = {{200, kTriggers}, {200, kScripts}, {200, kChanged}};
    if (run(words) != kDone) return err_.str();
    return http_.asked.back().body;
  }
};

TEST_F(SetTrigger, AnEmptyWordEmptiesAList) {
  serve();
  EXPECT_EQ(sent({"--not-path", ""}), R"({"path_excludes":[]})");
  EXPECT_EQ(sent({"--not-path="}), R"({"path_excludes":[]})");
  EXPECT_EQ(sent({"--not-branch=", "--path", "a"}), R"({"branch_excludes":[],"path_includes":["a"]})");
  EXPECT_EQ(sent({"--branch", "", "--path="}), R"({"branch_includes":[],"path_includes":[]})");
  EXPECT_EQ(sent({"--path", "", "--path", "b"}), R"({"path_includes":["b"]})");
}

TEST_F(SetTrigger, AnEmptyValueNeverTakesTheNextWord) {
  serve();
  EXPECT_EQ(sent({"--build-command=", "--name", "n"}), R"({"trigger_name":"n","build_command":""})");
  EXPECT_EQ(sent({"--build-command=", "--cache"}), R"({"build_command":"","build_caching_enabled":true})");
  EXPECT_EQ(sent({"--name", "--path="}), R"({"trigger_name":"--path="})") << "a value that looks like one";
  EXPECT_EQ(sent({"--cache="}), R"({"build_caching_enabled":true})") << "a flag has no value to be empty";
}

TEST_F(SetTrigger, SaysWhatToDoWhereNothingIsChanged) {
  serve();
  EXPECT_EQ(sent({}), "kiln: say what to change; kiln help trigger set names what there is\n");
}

}  // namespace
}  // namespace kiln::cli
