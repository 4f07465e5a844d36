#include "settings/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "testing/temp_dir.h"

namespace kiln::settings {
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

TEST_F(ConfigFile, NamesTheWorkerdOrTheToolsHaveIt) {
  const std::filesystem::path tools = folder_.path();
  EXPECT_EQ(workerd_to_start("/opt/workerd", tools), "/opt/workerd");
  const std::filesystem::path installed = workerd_to_start({}, tools);
  EXPECT_EQ(installed.filename(), "workerd");
  const std::filesystem::path renewed = tools / "workerd" / "default" / "workerd";
  std::filesystem::create_directories(renewed.parent_path());
  std::ofstream(renewed) << "x";
  EXPECT_EQ(workerd_to_start({}, tools), installed) << "no program yet";
  std::filesystem::permissions(renewed, std::filesystem::perms::owner_all);
  EXPECT_EQ(workerd_to_start({}, tools), renewed);
}

TEST_F(ConfigFile, MayBeAbsent) {
  const Result<Config> config = load_config(std::nullopt);
  ASSERT_TRUE(config);
  EXPECT_GE(config->concurrency, 1);
  EXPECT_EQ(config->timeout_seconds, 1200);
  EXPECT_EQ(config->environment_variables, wire::EnvironmentForm::by_client);
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
  EXPECT_EQ(config->build.environment.at("npm_config_registry"), "http://127.0.0.1:4873/");
}

TEST_F(ConfigFile, SaysWhomToBelieveAndHowManyToTake) {
  EXPECT_TRUE(load_config(std::nullopt)->trusted_proxies.addresses.empty());
  const Result<Config> config = load(
      "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nmax_connections = 64\n"
      "client_address_header = \"X-Forwarded-For\"\n"
      "[api]\nbody_memory = \"1GiB\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->trusted_proxies.contain("10.1.2.3"));
  EXPECT_FALSE(config->trusted_proxies.contain("127.0.0.1"));
  EXPECT_EQ(config->trusted_proxies.field, TrustedProxies::Field::x_forwarded_for);
  EXPECT_EQ(config->max_connections, 64);
  EXPECT_EQ(config->body_memory, 1U << 30U);
  EXPECT_FALSE(load("[server]\ntrusted_proxies = [\"nginx\"]\n"));
  EXPECT_FALSE(load("[server]\ntrusted_proxies = \"10.0.0.0/8\"\n"));
  EXPECT_FALSE(load("[server]\npublic_url = \"kiln.test\"\n"));
  EXPECT_EQ(load("[server]\npublic_url = \"http://10.0.0.7:8787/kiln/\"\n")->public_url,
            "http://10.0.0.7:8787/kiln");
  EXPECT_FALSE(load("[server]\nclient_address_header = \"X-Real-IP\"\n"));
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

TEST_F(ConfigFile, SaysWhereWorkersAreReachedFromOutside) {
  EXPECT_FALSE(load_config(std::nullopt)->workers_url);
  const Result<Config> config = load(
      "[workers]\npublic_url = \"https://workers.example.com\"\nzones = [\"example.com\", "
      "\"shop.example@acme\"]\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->workers_url, (model::PublicOrigin{"https", "workers.example.com", 0}));
  EXPECT_EQ(config->zones, (std::vector<model::Zone>{{"example.com", ""}, {"shop.example", "acme"}}));
  EXPECT_TRUE(load("[workers]\nzones = []\n")->zones.empty());
  for (const char* bad :
       {"public_url = \"workers.example.com\"", "public_url = 1", "public_url = \"https://a.b/c\"",
        "zones = \"example.com\"", "zones = [\"example\"]", "zones = [\"*.example.com\"]",
        "zones = [\"example.com\", \"example.com@acme\"]", "zones = [1]"}) {
    EXPECT_FALSE(load(std::string("[workers]\n") + bad + "\n")) << bad;
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
  EXPECT_NE(config.error().message.find("must be a whole number from 1 to 900"), std::string::npos)
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

TEST_F(ConfigFile, BuildsNetworkIsAWallUnlessTheFileSaysOtherwise) {
  EXPECT_EQ(load("")->build.network.mode, model::NetworkMode::egress);
  EXPECT_FALSE(load("")->build.network.block_private);
  const Result<Config> config = load(
      "[runner]\nnetwork = \"none\"\nblock_private = true\nallow_addresses = [\"10.1.2.3\"]\n"
      "forward_ports = [4873]\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->build.network.mode, model::NetworkMode::none);
  EXPECT_TRUE(config->build.network.block_private);
  EXPECT_EQ(config->build.network.allow_addresses, std::vector<std::string>{"10.1.2.3"});
  EXPECT_EQ(config->build.network.forward_ports, std::vector<std::uint16_t>{4873});
}

TEST_F(ConfigFile, AMistakeIsNeverAnOpenWall) {
  for (const char* wrong :
       {"network = \"ergess\"", "network = 1", "block_private = \"yes\"", "block_private = 1",
        "allow_addresses = \"10.1.2.3\"", "allow_addresses = [\"10.1.2\"]", "allow_addresses = [\"::1\"]",
        "allow_addresses = [\"::ffff:10.1.2.3\"]", "allow_addresses = [\"[10.1.2.3]\"]",
        "allow_addresses = [\"0.0.0.0\"]", "allow_addresses = [\"127.0.0.1\"]",
        "allow_addresses = [\"169.254.169.254\"]", "forward_ports = 4873", "forward_ports = [0]",
        "forward_ports = [65536]", "forward_ports = [\"4873\"]"}) {
    const Result<Config> config = load(std::string("[runner]\n") + wrong + "\n");
    ASSERT_FALSE(config) << wrong;
    EXPECT_EQ(config.error().code, Errc::invalid) << wrong;
  }
}

TEST_F(ConfigFile, RefusesMoreForwardedPortsThanASandboxTakes) {
  const auto ports = [this](int count) {
    std::string list;
    for (int n = 0; n < count; ++n) list += std::to_string(4000 + n) + ", ";
    return load("[runner]\nforward_ports = [" + list + "]\n");
  };
  ASSERT_TRUE(ports(32)) << ports(32).error().message;
  EXPECT_EQ(ports(32)->build.network.forward_ports.size(), model::kMaxForwardPorts);
  ASSERT_FALSE(ports(33));
  EXPECT_THAT(ports(33).error().message,
              ::testing::HasSubstr(":2: runner.forward_ports must be a list of at most 32 ports"));
}

TEST_F(ConfigFile, TakesWhatTheRunnerIsTold) {
  const Result<Config> config = load(
      "[runner]\ncache_days = 2\ncache_mb_per_worker = 5\nmin_free_disk = \"0\"\ntools_size = \"3GiB\"\n"
      "[limits]\nmemory = \"512MiB\"\ncpus = 2\nprocesses = 64\n"
      "[git]\nallow = [\"10.0.0.0/8\", \"git.internal\"]\ntimeout_seconds = 5\nmax_size = \"1GiB\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->build.cache_days, 2);
  EXPECT_EQ(config->build.cache_mb_per_worker, 5);
  EXPECT_EQ(config->build.min_free_disk, 0U);
  EXPECT_EQ(config->build.tools_size, std::uint64_t{3} << 30U);
  EXPECT_EQ(config->build.limits.memory, 512U << 20U);
  EXPECT_EQ(config->build.limits.cpus, 2);
  EXPECT_EQ(config->build.limits.processes, 64U);
  EXPECT_EQ(config->git_allow, (std::vector<std::string>{"10.0.0.0/8", "git.internal"}));
  EXPECT_EQ(config->git.timeout_ms, 5000);
  EXPECT_EQ(config->git.max_bytes, 1U << 30U);
  EXPECT_FALSE(load("[limits]\nmemory = 8\n"));
  EXPECT_FALSE(load("[git]\nallow = [\"10.0.0.0/99\"]\n"));
  EXPECT_FALSE(load("[git]\nallow = [7]\n"));
}

TEST_F(ConfigFile, KeepsTheTextThatItJudged) {
  const std::string text = "[builds]\nconcurrency = 7\n";
  EXPECT_EQ(load(text)->text, text);
  EXPECT_EQ(load_config(std::nullopt)->text, "");
  EXPECT_FALSE(load_config(folder_.path() / "absent.toml"));
}

// Rows there that begin with a key: | `server.log_level` | …
TEST(Settings, AllStandOnTheirPageAndNoOthers) {
  std::ifstream page(KILN_SETTINGS_PAGE);
  std::vector<std::string> documented;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string key = line.substr(3, line.find('`', 3) - 3);
    if (key.find('.') != std::string::npos) documented.push_back(key);
  }
  EXPECT_THAT(documented, ::testing::UnorderedElementsAreArray(setting_names()));
}

TEST_F(ConfigFile, NamesWhoSignsPeopleIn) {
  EXPECT_TRUE(load_config(std::nullopt)->oidc.issuer.empty());
  const Result<Config> config = load(
      "[oidc]\nissuer = \"https://id.example.com/\"\nclient_id = \"kiln\"\nclient_secret_file = "
      "\"/etc/kiln/oidc\"\n"
      "view = [\"*\"]\noperate = [\"dev\", \"ops\"]\nadminister = [\"ops-lead\"]\nscopes = [\"openid\", "
      "\"groups\"]\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->oidc.issuer, "https://id.example.com/") << "to the letter";
  EXPECT_EQ(config->oidc.roles.operate.size(), 2U);
  EXPECT_EQ(config->oidc.session_hours, 12);
  for (const char* bad :
       {"issuer = \"http://id.example.com\"\nclient_id = \"kiln\"", "issuer = \"https://id.example.com\"",
        "client_id = \"kiln\"",
        "issuer = \"https://id.example.com\"\nclient_id = \"k\"\nscopes = [\"email\"]",
        "issuer = \"https://id.example.com\"\nclient_id = \"k\"\nview = \"*\"", "session_hours = 0"})
    EXPECT_FALSE(load(std::string("[oidc]\n") + bad)) << bad;
}

}  // namespace
}  // namespace kiln::settings
