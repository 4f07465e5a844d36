// What a whole build does with its caches; the sandbox plays a script, the store is real.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/fakes_for_test.h"
#include "runner/job.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::runner {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class JobCacheTest : public ::testing::Test {
 protected:
  JobCacheTest() {
    EXPECT_TRUE(store_.open());
    job_.build_uuid = *Uuid::parse("aaaaaaaa-1111-4111-8111-111111111111");
    job_.lease_id = *Uuid::parse("bbbbbbbb-1111-4111-8111-111111111111");
    job_.trigger_uuid = *Uuid::parse("cccccccc-1111-4111-8111-111111111111");
    job_.worker_tag = "tag";
    job_.branch = "main";
    job_.commit_hash = std::string(40, 'c');
    job_.build_command = "make";
    job_.deploy_command = "ship";
    job_.api_token = "build-token-value";
    job_.api_base_url = "http://127.0.0.1:1/client/v4";
    job_.build_caching_enabled = true;
    job_.cache_trust = model::CacheTrust::production;
    server_.uploaded = 1;
    server_.epochs = {{job_.trigger_uuid, 0}};
    repository_.files["package.json"] = "{}";
    stage_.checkout_prints = "100644 blob 1234\tpackage-lock.json\npackage.json\npackage-lock.json\n";
    stage_.plays["kiln-pack"].prints = "the archive";
  }

  void run() {
    server_.lines.clear();
    stop_ = std::make_unique<StopSwitch>();
    Slot(workshop_, 0).run(job_, *stop_);
  }
  bool ran(const std::string& name) {
    for (const Command& command : stage_.commands) {
      if (command.argv.size() > 3 && command.argv[3] == name) return true;
    }
    return false;
  }
  bool kept() { return !store_.triggers(1).empty(); }

  testing::TempDir folder_;
  testing::FakeClock clock_;
  ArchiveStore store_{clock_, folder_.path() / "cache", {}};
  fakes::Server server_;
  fakes::Stage stage_;
  fakes::Repository repository_;
  fakes::ScriptedSandboxes sandboxes_{stage_};
  fakes::ValueTools tools_;
  Workshop workshop_{
      clock_,
      server_,
      sandboxes_,
      tools_,
      [this](const model::JobSpec&) { return std::make_unique<fakes::RepositorySource>(repository_); },
      "/builds",
      "/tools",
      "/agent",
      {},
      {},
      {},
      {},
      &store_};
  model::JobSpec job_;
  std::unique_ptr<StopSwitch> stop_;
};

TEST_F(JobCacheTest, SavesThenRestoresThenHasNothingNewToSave) {
  run();
  EXPECT_THAT(server_.lines, Contains("Success: Dependencies uploaded to build cache."));
  EXPECT_FALSE(ran("kiln-unpack"));
  stage_.commands.clear();
  run();
  EXPECT_THAT(server_.lines, Contains("Restoring from dependencies cache"));
  EXPECT_THAT(server_.lines, Contains(HasSubstr("is up to date")));
  EXPECT_TRUE(ran("kiln-unpack"));
  EXPECT_FALSE(ran("kiln-pack"));
  EXPECT_THAT(server_.lines, Contains("Skipping build output cache as it's not supported for your project"));
}

TEST_F(JobCacheTest, AFailingBuildSavesNothing) {
  stage_.plays["ship"].end.exit_code = 1;
  run();
  EXPECT_FALSE(ran("kiln-pack"));
  EXPECT_FALSE(kept());
}

TEST_F(JobCacheTest, APurgeMeanwhileForbidsTheSave) {
  stage_.on_command = [this](const std::string& command) {
    const std::lock_guard lock(server_.mutex);
    if (command == "make") server_.epochs[job_.trigger_uuid] = 1;
  };
  run();
  EXPECT_THAT(server_.lines, Contains(HasSubstr("it was purged while this build ran")));
  EXPECT_FALSE(kept());
}

TEST_F(JobCacheTest, AForkIsLentNothingOfProduction) {
  run();
  job_.cache_trust = model::CacheTrust::fork;
  stage_.commands.clear();
  run();
  EXPECT_FALSE(ran("kiln-unpack"));
  EXPECT_THAT(server_.lines, Not(Contains("Restoring from dependencies cache")));
}

TEST_F(JobCacheTest, AnArchiveThatDoesNotUnpackIsDroppedOnlyAtItsOwnLevel) {
  run();
  stage_.plays["kiln-unpack"].end.exit_code = 2;
  job_.cache_trust = model::CacheTrust::branch;
  run();
  EXPECT_THAT(server_.lines, Contains(HasSubstr("could not be read")));
  EXPECT_EQ(server_.ends.back().outcome, model::BuildOutcome::success);
  stage_.plays["kiln-unpack"].end.exit_code = 0;
  job_.cache_trust = model::CacheTrust::production;
  run();
  EXPECT_THAT(server_.lines, Contains("Restoring from dependencies cache"));
}

TEST_F(JobCacheTest, APackThatFailsIsAWarningAndLeavesNoHalf) {
  stage_.plays["kiln-pack"].end.exit_code = 2;
  run();
  EXPECT_THAT(server_.lines, Contains(HasSubstr("Warning: the dependencies cache is not saved")));
  EXPECT_EQ(server_.ends.back().outcome, model::BuildOutcome::success);
  const auto folder = store_.make_lending_folder("look");
  EXPECT_FALSE(store_.lend(cache_place_of(job_), "dependencies-npm", *folder));
}

TEST_F(JobCacheTest, TheTimeLimitDuringTheSaveUndoesNoSuccess) {
  stage_.plays["kiln-pack"].hangs = true;
  job_.timeout_ms = 100;
  run();
  EXPECT_EQ(server_.ends.back().outcome, model::BuildOutcome::success);
  EXPECT_FALSE(ran("kiln-unpack"));
}

TEST_F(JobCacheTest, WithoutTheTriggersWordTheCacheIsNotTouched) {
  job_.build_caching_enabled = false;
  run();
  EXPECT_FALSE(ran("kiln-pack"));
  EXPECT_FALSE(kept());
}

}  // namespace
}  // namespace kiln::runner
