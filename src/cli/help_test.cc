// What help, manual pages and completion are made of, held against the commands that there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "cli/command_line_for_test.h"
#include "cli/complete.h"
#include "cli/examples.h"
#include "cli/guide.h"
#include "cli/help_format.h"
#include "cli/man.h"
#include "cli/reference.h"

namespace kiln::cli {
namespace {

class HelpTest : public CommandLine {
 protected:
  HelpTest() {
    app_.require_subcommand(1);
    add_place_options(app_, context_);
    add_commands(app_, context_);
  }
  std::vector<std::string> offered(const std::vector<std::string>& words, const NamesOf& names = {}) {
    std::vector<std::string> found;
    for (const Candidate& one : complete(app_, words, names).candidates) found.push_back(one.word);
    return found;
  }

  Context context_{http_, processes_, clock_, out_, err_, Style{}, folder_.path(), {}, false, kDone};
  CLI::App app_{"Kiln", "kiln"};
};

// As a shell splits simple words.
std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : std::string(line) + " ") {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!word.empty()) words.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return words;
}

TEST_F(HelpTest, EveryCommandHasExamplesThatItTakes) {
  const CommandFacts all = facts_of(app_);
  for (const CommandFacts* leaf : leaves_of(all)) {
    EXPECT_FALSE(leaf->examples.empty()) << leaf->path;
    for (const std::string& example : leaf->examples) {
      if (example.starts_with("source")) continue;
      std::vector<std::string> words = shell_words(example.substr(0, example.find_first_of("<>|")));
      EXPECT_TRUE(example.starts_with(leaf->path)) << example;
      CLI::App fresh("Kiln", "kiln");
      add_place_options(fresh, context_);
      add_commands(fresh, context_);
      // Nothing shall be done: a callback throws before that.
      for (CLI::App* command : fresh.get_subcommands([](const CLI::App*) { return true; })) {
        command->parse_complete_callback([] { throw CLI::Success(); });
        for (CLI::App* below : command->get_subcommands([](const CLI::App*) { return true; }))
          below->parse_complete_callback([] { throw CLI::Success(); });
      }
      words.erase(words.begin());
      words = with_empty_values(fresh, words);
      std::reverse(words.begin(), words.end());
      EXPECT_THROW(fresh.parse(words), CLI::Success) << example;
    }
  }
}

TEST_F(HelpTest, ExamplesAreOfCommandsThatThereAre) {
  std::set<std::string> paths;
  const CommandFacts all = facts_of(app_);
  for (const CommandFacts* leaf : leaves_of(all)) paths.insert(leaf->path.substr(5));
  for (const char* path : {"builds", "token create", "secret set"}) EXPECT_TRUE(paths.contains(path)) << path;
  EXPECT_TRUE(examples_of("no such command").empty());
}

TEST_F(HelpTest, HelpFitsEightyColumnsAndShowsItsOwnExamples) {
  const CommandFacts all = facts_of(app_);
  for (const CommandFacts* leaf : leaves_of(all)) {
    std::vector<std::string> words = split(leaf->path.substr(5), ' ');
    words.emplace_back("--help");
    EXPECT_EQ(run(words), kDone);
    EXPECT_NE(out_.str().find("Examples:\n  " + leaf->examples.front()), std::string::npos) << out_.str();
    for (const std::string& line : split(out_.str(), '\n')) EXPECT_LE(width_of(line), kUsualWidth) << line;
  }
}

TEST(Wrapped, BreaksAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 7), "one two\nthree");
  EXPECT_EQ(wrapped("one-that-is-long two", 5), "one-that-is-long\ntwo");
  EXPECT_EQ(wrapped("", 5), "");
}

TEST_F(HelpTest, OffersCommandsOptionsAndTheWordsThatTheyTake) {
  EXPECT_EQ(offered({"que"}), (std::vector<std::string>{"queue"}));
  EXPECT_EQ(offered({"trigger", "re"}), (std::vector<std::string>{"resume"}));
  EXPECT_EQ(offered({"builds", "--out"}), (std::vector<std::string>{"--outcome"}));
  EXPECT_EQ(offered({"builds", "--outcome", "f"}), (std::vector<std::string>{"fail"}));
  EXPECT_EQ(offered({"completion", ""}), (std::vector<std::string>{"bash", "zsh", "fish"}));
  EXPECT_EQ(offered({"help", "promo"}), (std::vector<std::string>{"promote"}));
  EXPECT_TRUE(offered({"xyzzy", "x"}).empty());
  EXPECT_TRUE(complete(app_, {"connect", ""}, {}).files);
  EXPECT_TRUE(complete(app_, {"doctor", "--data-dir", ""}, {}).files);
}

TEST_F(HelpTest, OffersWhatTheServerKnows) {
  const NamesOf names = [](const std::string& kind) {
    return kind == "WORKER" ? std::vector<Candidate>{{"shop", ""}, {"web", ""}} : std::vector<Candidate>();
  };
  EXPECT_EQ(offered({"logs", "s"}, names), (std::vector<std::string>{"shop"}));
  EXPECT_EQ(offered({"variable", "list", "--worker", ""}, names), (std::vector<std::string>{"shop", "web"}));
  EXPECT_EQ(offered({"secret", "set", "shop", ""}, names), std::vector<std::string>());
}

TEST_F(HelpTest, APageHasWhatHelpHas) {
  const CommandFacts kiln = facts_of(app_);
  const auto builds = std::find_if(kiln.below.begin(), kiln.below.end(),
                                   [](const CommandFacts& one) { return one.path == "kiln builds"; });
  ASSERT_NE(builds, kiln.below.end());
  const std::string page = manual_page(*builds, "2026-11-30");
  for (const char* words :
       {".TH KILN-BUILDS 1 \"2026-11-30\"", "\\-\\-branch BRANCH", ".SH EXAMPLES", "[WORKER]"})
    EXPECT_NE(page.find(words), std::string::npos) << words << " in\n" << page;
  const std::string reference = reference_page(kiln);
  for (const CommandFacts* leaf : leaves_of(kiln))
    EXPECT_NE(reference.find(" " + leaf->path + "\n"), std::string::npos) << leaf->path;
}

}  // namespace
}  // namespace kiln::cli
