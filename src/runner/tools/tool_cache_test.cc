#include "runner/tools/tool_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

// The system's programs, by their first word; npm knows no release but those said of its "view".
class SystemOf final : public Processes {
 public:
  std::map<std::string, std::string> says;
  std::string released;
  int views = 0;

  Result<ProcessEnd> run(const ProcessSpec& spec) override {
    ProcessEnd end;
    if (spec.argv.size() > 2 && spec.argv[2] == "view") {
      ++views;
      end.exit_code = released.empty() ? 1 : 0;
      end.out = released;
      return end;
    }
    const auto found = says.find(spec.argv.at(0));
    end.exit_code = found == says.end() ? 127 : 0;
    if (found != says.end()) end.out = found->second;
    return end;
  }
};

class ToolCacheTest : public ::testing::Test {
 protected:
  void put(const std::string& tool) const { fs::create_directories(folder_.path() / tool / "bin"); }

  testing::TempDir folder_;
  SystemOf system_;
  testing::FakeClock clock_;
  ToolCache cache_{system_, clock_, folder_.path(), {}};
};

TEST_F(ToolCacheTest, TheSystemsVersionWhenItFits) {
  system_.says["python3"] = "Python 3.11.2\n";
  EXPECT_EQ(cache_.system("python", {"3.11", ".python-version", false})->version, "3.11.2");
  EXPECT_TRUE(cache_.system("python", {"3.11", ".python-version", false})->folder.empty());
}

TEST_F(ToolCacheTest, TheOperatorsFolderWinsAndTakesTheBestThatFits) {
  system_.says["python3"] = "Python 3.11.2\n";
  put("python/3.13.1");
  put("python/3.13.3");
  put("python/3.14.0");
  fs::create_directories(folder_.path() / "python" / "3.13.9");  // without programs
  const auto tool = cache_.system("python", {"3.13", "PYTHON_VERSION", true});
  ASSERT_TRUE(tool) << tool.error().message;
  EXPECT_EQ(tool->folder, "python/3.13.3");
}

TEST_F(ToolCacheTest, AVersionThatIsNowhereIsNamedWithWhatIsThere) {
  system_.says["go"] = "go version go1.22.1 linux/amd64\n";
  put("go/1.23.0");
  const auto tool = cache_.system("go", {"1.24.3", "GO_VERSION", true});
  ASSERT_FALSE(tool);
  EXPECT_EQ(tool.error().code, Errc::not_found);
  for (const char* part : {"1.24.3", "GO_VERSION", "1.22.1", "1.23.0"})
    EXPECT_NE(tool.error().message.find(part), std::string::npos) << part << ": " << tool.error().message;
  EXPECT_EQ(cache_.system("ruby", {"a.b", ".ruby-version", false}).error().code, Errc::invalid);
}

TEST_F(ToolCacheTest, HalfToolsOfRunnersThatAreGoneAreSwept) {
  put(".making-node-22.1.0-999999999");
  put(".making-node-22.1.0-1");  // process 1 lives
  put("node/22.1.0");
  cache_.sweep();
  EXPECT_FALSE(fs::exists(folder_.path() / ".making-node-22.1.0-999999999"));
  EXPECT_TRUE(fs::exists(folder_.path() / ".making-node-22.1.0-1"));
  EXPECT_EQ(cache_.node({"22", ".nvmrc", false})->folder, "node/22.1.0");
}

TEST_F(ToolCacheTest, TheNewestIsThatOfTheRegistryNotOfTheFolder) {
  put("node/22.1.0");
  put("node/24.2.0");
  system_.released = R"(["22.1.0", "24.2.0", "25.0.0-rc.1"])";
  EXPECT_EQ(cache_.node({"node", ".nvmrc", false})->version, "24.2.0");
  system_.released = R"(["22.1.0", "24.2.0", "26.1.0"])";
  EXPECT_EQ(cache_.node({"latest", ".nvmrc", false})->version, "24.2.0") << "asked a moment ago";
  clock_.advance(60'000);
  const auto newer = cache_.node({"latest", ".nvmrc", false});
  ASSERT_FALSE(newer) << "it would have to be fetched, which this npm cannot";
  EXPECT_NE(newer.error().message.find("node \"latest\", asked for by .nvmrc"), std::string::npos);
  EXPECT_EQ(system_.views, 2);
}

TEST_F(ToolCacheTest, WithoutARegistryTheNewestIsTheNewestHere) {
  put("node/22.1.0");
  put("node/23.2.0");
  EXPECT_EQ(cache_.node({"current", ".nvmrc", false})->version, "23.2.0");
}

TEST_F(ToolCacheTest, ALongTermLineIsNotTheHighestEvenNumber) {
  put("node/22.1.0");
  put("node/24.2.0");
  put("node/26.2.0");
  // By the fake clock it is January 2026: 24 is a long-term line, 26 not even there.
  EXPECT_EQ(cache_.node({"lts/*", ".nvmrc", false})->version, "24.2.0");
  EXPECT_EQ(cache_.node({"lts/Jod", ".nvmrc", false})->version, "22.1.0");
  EXPECT_EQ(cache_.node({"lts/-1", ".nvmrc", false})->version, "22.1.0");
  const auto unknown = cache_.node({"lts/unobtainium", ".nvmrc", false});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::not_found);
  for (const char* part : {"lts/unobtainium", ".nvmrc", "2026-01-02", "lts/jod (22)", "lts/krypton (24)"})
    EXPECT_NE(unknown.error().message.find(part), std::string::npos) << unknown.error().message;
}

TEST_F(ToolCacheTest, ALimitLeavesTheDefaultWhereItWillDo) {
  put("node/22.1.0");
  put("node/24.2.0");
  std::ofstream(folder_.path() / "node/22.1.0/bin/node") << "";
  fs::create_symlink("22.1.0", folder_.path() / "node/default");
  EXPECT_EQ(cache_.node({">=20", "engines.node in package.json", false, true})->version, "22.1.0");
  EXPECT_EQ(cache_.node({">=23", "engines.node in package.json", false, true})->version, "24.2.0");
  EXPECT_EQ(cache_.node({">=20", ".nvmrc", false})->version, "24.2.0");
}

TEST_F(ToolCacheTest, WhatABuildHoldsStaysWhateverTheBound) {
  put("node/22.1.0");
  put("node/24.2.0");
  auto tool = cache_.node({"22", ".nvmrc", false});
  ASSERT_TRUE(tool && tool->in_use);
  ToolCache full(system_, clock_, folder_.path(), {}, 1);
  full.sweep();
  EXPECT_TRUE(fs::exists(folder_.path() / "node/22.1.0"));
  EXPECT_FALSE(fs::exists(folder_.path() / "node/24.2.0"));
  tool->in_use.reset();
  full.sweep();
  EXPECT_FALSE(fs::exists(folder_.path() / "node/22.1.0"));
}

}  // namespace
}  // namespace kiln::runner
