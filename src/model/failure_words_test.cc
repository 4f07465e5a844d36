#include "model/failure_words.h"

#include <gtest/gtest.h>

#include "model/build_story.h"

namespace kiln::model {
namespace {

TEST(FailureWords, KnowWhatPackageManagersSay) {
  EXPECT_EQ(
      why_it_failed("npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when "
                    "your package.json and package-lock.json or npm-shrinkwrap.json are in sync.\n"),
      "lock file out of step with package.json");
  EXPECT_EQ(why_it_failed(" ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"\n"),
            "lock file out of step with package.json");
  EXPECT_EQ(why_it_failed("npm error Missing script: \"build\"\n"), "package.json has no script \"build\"");
  EXPECT_EQ(why_it_failed("npm error code E404\nnpm error 404  'nope@*' is not in this registry.\n"),
            "the registry has no nope@*");
  EXPECT_EQ(why_it_failed("npm error code ERESOLVE\n"), "the dependencies contradict each other (ERESOLVE)");
}

TEST(FailureWords, KnowWhatShellsCompilersAndBundlersSay) {
  EXPECT_EQ(why_it_failed("sh: 1: vite: not found\n"), "vite is not installed");
  EXPECT_EQ(why_it_failed("bash: line 1: hugo: command not found\n"), "hugo is not installed");
  EXPECT_EQ(why_it_failed("\x1b[96msrc/a.ts\x1b[0m(3,5): error TS2304: Cannot find name 'x'.\n"),
            "src/a.ts(3,5): error TS2304: Cannot find name 'x'.");
  EXPECT_EQ(why_it_failed("\xE2\x9C\x98 [ERROR] A request to the API failed.\n"),
            "A request to the API failed.");
  EXPECT_EQ(why_it_failed("Error: Cannot find module './x'\n"), "module ./x is not found");
  EXPECT_EQ(why_it_failed("    at foo\nTypeError: a is not a function\n    at bar\n"),
            "TypeError: a is not a function");
  EXPECT_EQ(why_it_failed("npm error code 1\nnpm error path /x\nnpm error command failed\n"), "");
}

TEST(FailureWords, AreFitToBeShownAndShort) {
  const std::string clause =
      why_it_failed("error: \x1b[31mbad\x07 \xe2\x80\xae" + std::string(900, 'x') + "\n");
  EXPECT_LT(clause.size(), 300U);
  EXPECT_EQ(clause.find('\x07'), std::string::npos);
  EXPECT_EQ(clause.find("\xe2\x80\xae"), std::string::npos);
}

TEST(FailureWords, OfSilenceAreNone) {
  EXPECT_EQ(why_it_failed(""), "");
  EXPECT_EQ(why_it_failed("all is well\n0 errors, no error here\n"), "");
}

TEST(ErrorLines, AreToldFromLinesThatOnlyNameErrors) {
  for (const char* line : {"npm error code E404", "  Error: no", "ERROR in ./src", "src/a.c:3:4: error: x",
                           "sh: 1: x: not found", "ReferenceError: y is not defined",
                           "Failed: error occurred while running build command",
                           "Traceback (most recent call last):", "src/a.ts:3:5 - error TS2304: x"})
    EXPECT_TRUE(looks_like_an_error(line)) << line;
  for (const char* line : {"0 errors", "errors: 0", "dist/error-page.js 12 kB", "no error", "",
                           "added 3 packages", "Success: Build command completed", "the Error class"})
    EXPECT_FALSE(looks_like_an_error(line)) << line;
}

TEST(CommandWords, LeaveOptionsOut) {
  EXPECT_EQ(command_words("npm clean-install --progress=false"), "npm clean-install");
  EXPECT_EQ(command_words("make"), "make");
  EXPECT_EQ(command_words(" npm run build\nrm x"), "npm run build");
  EXPECT_EQ(command_words("-x"), "-x");
  EXPECT_LT(command_words(std::string(100, 'y')).size(), 70U);
}

TEST(StepWords, AreReadAsTheyAreWritten) {
  for (const StepName step : {StepName::initialize, StepName::clone, StepName::restore, StepName::tools,
                              StepName::install, StepName::build, StepName::deploy, StepName::save})
    EXPECT_EQ(parse_step_name(to_string(step)), step);
  for (const StepState state : {StepState::running, StepState::done, StepState::failed, StepState::stopped})
    EXPECT_EQ(parse_step_state(to_string(state)), state);
  for (const CacheKept kept :
       {CacheKept::not_saved, CacheKept::saved, CacheKept::unchanged, CacheKept::nothing})
    EXPECT_EQ(parse_cache_kept(to_string(kept)), kept);
  EXPECT_FALSE(parse_step_name("deployed"));
}

}  // namespace
}  // namespace kiln::model
