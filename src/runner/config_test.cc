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

class NetworkOptions : public ::testing::Test {
 protected:
  Result<Options> load(const std::string& runner) {
    const auto file = folder_.path() / "kiln.toml";
    EXPECT_TRUE(write_file_durably(file, "[runner]\n" + runner, 0600));
    return parse_options(with({"--config", file.string()}));
  }
  testing::TempDir folder_;
};

TEST_F(NetworkOptions, AreAWallUnlessTheFileSaysOtherwise) {
  EXPECT_EQ(load("")->network.mode, NetworkMode::egress);
  EXPECT_FALSE(load("")->network.block_private);
  const auto options = load(
      "network = \"none\"\nblock_private = true\nallow_addresses = [\"10.1.2.3\"]\nforward_ports = [4873]\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->network.mode, NetworkMode::none);
  EXPECT_TRUE(options->network.block_private);
  EXPECT_EQ(options->network.allow_addresses, std::vector<std::string>{"10.1.2.3"});
  EXPECT_EQ(options->network.forward_ports, std::vector<std::uint16_t>{4873});
}

TEST_F(NetworkOptions, AMistakeIsNeverAnOpenWall) {
  for (const char* wrong :
       {"network = \"ergess\"", "network = 1", "block_private = \"yes\"", "block_private = 1",
        "allow_addresses = \"10.1.2.3\"", "allow_addresses = [\"10.1.2\"]", "allow_addresses = [\"::1\"]",
        "allow_addresses = [\"127.0.0.1\"]", "allow_addresses = [\"169.254.169.254\"]",
        "forward_ports = 4873", "forward_ports = [0]", "forward_ports = [65536]",
        "forward_ports = [\"4873\"]"}) {
    const auto options = load(wrong);
    ASSERT_FALSE(options) << wrong;
    EXPECT_EQ(options.error().code, Errc::invalid) << wrong;
  }
}

}  // namespace
}  // namespace kiln::runner
