#include "runner/options.h"

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

TEST(RunnerOptions, WithoutAServerNeedLess) {
  const testing::TempDir folder;
  const auto local = parse_options({"--local", "--root", "/r", "--agent", "/b/kiln-agent"});
  ASSERT_TRUE(local) << local.error().message;
  EXPECT_EQ(local->work, Work::local);
  EXPECT_EQ(local->tools, "/b/tools");
  const auto file = folder.path() / "kiln.toml";
  ASSERT_TRUE(write_file_durably(file, "[runner]\ntools_dir = \"/t\"\n[workers]\nworkerd = \"/w\"\n", 0600));
  const auto doctor =
      parse_options({"--doctor", "--root", "/r", "--agent", "/b/kiln-agent", "--config", file.string()});
  ASSERT_TRUE(doctor) << doctor.error().message;
  EXPECT_EQ(doctor->work, Work::doctor);
  EXPECT_EQ(doctor->tools, "/t");
  EXPECT_EQ(doctor->workerd, "/w");
  EXPECT_EQ(parse_options({"--doctor", "--root", "/r"}).error().field, "--agent");
}

TEST(RunnerOptions, TakeWhatIsTheirsOfTheSettings) {
  const testing::TempDir folder;
  const auto file = folder.path() / "kiln.toml";
  ASSERT_TRUE(write_file_durably(
      file,
      "[builds]\nconcurrency = 2\n[runner]\nnetwork = \"none\"\ncache_days = 2\ncache_mb_per_worker = 3\n"
      "min_free_disk = \"1KiB\"\ntools_size = \"2KiB\"\n[runner.environment]\nnpm_config_registry = "
      "\"http://r/\"\n"
      "[limits]\nprocesses = 64\n[git]\nallow = [\"10.0.0.0/8\"]\ntimeout_seconds = 5\n",
      0600));
  const auto options = parse_options(with({"--config", file.string()}));
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->concurrency, 1) << "which the server says";
  EXPECT_EQ(options->environment.at("npm_config_registry"), "http://r/");
  EXPECT_EQ(options->network.mode, model::NetworkMode::none);
  EXPECT_EQ(options->cache.keep_ms, TimeMs{2} * 24 * 60 * 60'000);
  EXPECT_EQ(options->cache.bytes_per_worker, 3U << 20U);
  EXPECT_EQ(options->min_free_disk, 1024U);
  EXPECT_EQ(options->tools_size, 2048U);
  EXPECT_EQ(options->limits.processes, 64U);
  EXPECT_EQ(options->git_allow, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(options->git.timeout_ms, 5000);
}

TEST(RunnerOptions, RefuseSettingsThatTheServerWouldRefuse) {
  const testing::TempDir folder;
  const auto file = folder.path() / "kiln.toml";
  for (const char* wrong : {"[runner", "[limits]\nmemory = 8\n", "[server]\nlog_level = \"loud\"\n"}) {
    ASSERT_TRUE(write_file_durably(file, wrong, 0600));
    EXPECT_EQ(parse_options(with({"--config", file.string()})).error().field, "--config") << wrong;
  }
}

}  // namespace
}  // namespace kiln::runner
