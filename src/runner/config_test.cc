#include "runner/config.h"

#include <gtest/gtest.h>

#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

std::vector<std::string> with(std::vector<std::string> more) {
  std::vector<std::string> all{"--server", "unix:/s", "--root", "/r",          "--tools",
                               "/t",       "--agent", "/a",     "--runner-id", "x"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(RunnerOptions, AreReadFromTheCommandLine) {
  const auto options = parse_options(with({"--concurrency", "3"}));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->concurrency, 3);
  EXPECT_EQ(options->runner_id, "x");
}

TEST(RunnerOptions, WrongOnesAreNamed) {
  EXPECT_EQ(parse_options({"--root", "/r"}).error().field, "--server");
  EXPECT_EQ(parse_options(with({"--fast", "1"})).error().field, "--fast");
  EXPECT_EQ(parse_options(with({"--config"})).error().field, "--config");
  EXPECT_EQ(parse_options(with({"--concurrency", "many"})).error().field, "--concurrency");
}

TEST(RunnerOptions, TakeTheirTableFromTheServersSettings) {
  const testing::TempDir folder;
  const auto file = folder.path() / "kiln.toml";
  ASSERT_TRUE(write_file_durably(
      file, "[builds]\nconcurrency = 2\n[runner.environment]\nnpm_config_registry = \"http://r/\"\n", 0600));
  const auto options = parse_options(with({"--config", file.string()}));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->environment.at("npm_config_registry"), "http://r/");
  ASSERT_TRUE(write_file_durably(file, "[limits]\nmemory = \"512MiB\"\ncpus = 2\nprocesses = 64\n", 0600));
  const auto limited = parse_options(with({"--config", file.string()}));
  ASSERT_TRUE(limited) << limited.error().message;
  EXPECT_EQ(limited->limits.memory, 512U << 20U);
  EXPECT_EQ(limited->limits.cpus, 2);
  EXPECT_EQ(limited->limits.processes, 64U);
  ASSERT_TRUE(write_file_durably(file, "[limits]\nmemory = 8\n", 0600));
  EXPECT_NE(parse_options(with({"--config", file.string()})).error().message.find("limits.memory"),
            std::string::npos);
  ASSERT_TRUE(write_file_durably(file, "[runner", 0600));
  EXPECT_FALSE(parse_options(with({"--config", file.string()})));
}

}  // namespace
}  // namespace kiln::runner
