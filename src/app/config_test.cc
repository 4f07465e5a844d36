#include "app/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temp_dir.h"

namespace kiln::app {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  Result<Config> load(const std::string& text) {
    const std::filesystem::path file = folder_.path() / "kiln.toml";
    std::ofstream(file) << text;
    return load_config(file);
  }
  testing::TempDir folder_;
};

TEST_F(ConfigFile, MayBeAbsent) {
  const Result<Config> config = load_config(std::nullopt);
  ASSERT_TRUE(config);
  EXPECT_GE(config->concurrency, 1);
  EXPECT_EQ(config->timeout_seconds, 1200);
}

TEST_F(ConfigFile, SetsWhatItNames) {
  const Result<Config> config = load(
      "[builds]\nconcurrency = 7\n[api]\nenvironment_variables = \"objects\"\nfailed_auth_per_minute = 0\n"
      "read_cache = \"512MiB\"\n"
      "[runner.environment]\nnpm_config_registry = \"http://127.0.0.1:4873/\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->concurrency, 7);
  EXPECT_EQ(config->failed_auth_per_minute, 0);
  EXPECT_EQ(config->read_cache, 512U << 20U);
  EXPECT_EQ(config->environment_variables, wire::EnvironmentForm::objects);
  EXPECT_EQ(config->build_environment.at("npm_config_registry"), "http://127.0.0.1:4873/");
}

TEST_F(ConfigFile, SaysWhomToBelieveAndHowManyToTake) {
  EXPECT_TRUE(load_config(std::nullopt)->trusted_proxies.empty());
  const Result<Config> config = load(
      "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nmax_connections = 64\n"
      "[api]\nbody_memory = \"1GiB\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->trusted_proxies.contain(std::string_view("10.1.2.3")));
  EXPECT_FALSE(config->trusted_proxies.contain(std::string_view("127.0.0.1")));
  EXPECT_EQ(config->max_connections, 64);
  EXPECT_EQ(config->body_memory, 1U << 30U);
  EXPECT_FALSE(load("[server]\ntrusted_proxies = [\"nginx\"]\n"));
  EXPECT_FALSE(load("[server]\ntrusted_proxies = \"10.0.0.0/8\"\n"));
  EXPECT_FALSE(load("[api]\nbody_memory = \"1MiB\"\n"));
}

TEST_F(ConfigFile, AnOutsideTargetNeedsItsAccount) {
  EXPECT_TRUE(load_config(std::nullopt)->embedded_target);
  const Result<Config> alone = load("[deploy]\ntarget = \"cloudflare\"\n");
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().message.find("needs deploy.account_id"), std::string::npos)
      << alone.error().message;
  EXPECT_FALSE(load("[deploy]\ntarget = \"cloudflare\"\naccount_id = \"mine\"\n"));
  EXPECT_FALSE(load("[deploy]\ntarget = \"elsewhere\"\n"));
  const Result<Config> whole =
      load("[deploy]\ntarget = \"cloudflare\"\naccount_id = \"0123456789abcdef0123456789abcdef\"\n");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_FALSE(whole->embedded_target);
  EXPECT_EQ(whole->deploy_account, "0123456789abcdef0123456789abcdef");
}

TEST_F(ConfigFile, SaysWhereWorkersMayConnectTo) {
  EXPECT_EQ(load_config(std::nullopt)->worker_outbound, std::vector<std::string>{"public"});
  const Result<Config> config =
      load("[workers]\noutbound = [\"public\", \"10.1.0.0/16\", \"fd00::/8\"]\nhang_seconds = 5\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->worker_outbound, (std::vector<std::string>{"public", "10.1.0.0/16", "fd00::/8"}));
  EXPECT_EQ(config->worker_hang_seconds, 5);
  EXPECT_TRUE(load("[workers]\noutbound = []\n")->worker_outbound.empty());
  for (const char* bad : {"\"public\"", "[\"all\"]", "[\"10.1.0.0/33\"]", "[\"10.1.0.0\"]", "[\"10.1/16\"]",
                          "[7]", "[\"::1/129\"]", "[\"10.1.0.0/\"]"}) {
    EXPECT_FALSE(load(std::string("[workers]\noutbound = ") + bad + "\n")) << bad;
  }
}

TEST_F(ConfigFile, NamesTheLineOfAnUnknownKey) {
  const Result<Config> config = load("[builds]\n\nconcurency = 7\n");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("kiln.toml:3: unknown setting builds.concurency"), std::string::npos)
      << config.error().message;
}

TEST_F(ConfigFile, SaysWhatAValueMayBe) {
  const Result<Config> config = load("[builds]\nconcurrency = \"many\"\n");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("must be a whole number from 1 to 1024"), std::string::npos)
      << config.error().message;
  const Result<Config> size = load("[api]\nread_cache = 5\n");
  ASSERT_FALSE(size);
  EXPECT_NE(size.error().message.find(":2: api.read_cache must be a size such as \"1GiB\""),
            std::string::npos)
      << size.error().message;
}

TEST_F(ConfigFile, NamesTheLineOfASyntaxError) {
  const Result<Config> config = load("[builds]\nconcurrency = = 7\n");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("kiln.toml:2:"), std::string::npos) << config.error().message;
}

TEST_F(ConfigFile, ChecksTheNetworkOfBuildsBeforeTheRunnerStarts) {
  EXPECT_TRUE(
      load("[runner]\nnetwork = \"none\"\nblock_private = true\nallow_addresses = [\"10.1.2.3\"]\n"
           "forward_ports = [4873]\n"));
  for (const char* wrong : {"network = \"ergess\"", "block_private = 1", "allow_addresses = [\"10.1\"]",
                            "allow_addresses = [\"169.254.169.254\"]", "forward_ports = [70000]"}) {
    EXPECT_FALSE(load(std::string("[runner]\n") + wrong + "\n")) << wrong;
  }
}

}  // namespace
}  // namespace kiln::app
