// One build run by a slot over fakes of all that is outside it. For tests; each makes its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runner/fakes_for_test.h"
#include "runner/job.h"
#include "runner/service.h"
#include "testing/fake_clock.h"

namespace kiln::runner {

class JobTest : public ::testing::Test {
 protected:
  JobTest() {
    job_.build_uuid = Uuid::parse("aaaaaaaa-1111-4111-8111-111111111111").value();
    job_.lease_id = Uuid::parse("bbbbbbbb-1111-4111-8111-111111111111").value();
    job_.account_id = "account";
    job_.worker_tag = "tag";
    job_.worker_name = "hello";
    job_.clone_url = "https://user:gitpassword@git.example/a/b.git";
    job_.branch = "main";
    job_.commit_hash = std::string(40, 'c');
    job_.build_command = "make";
    job_.deploy_command = "ship";
    job_.api_token = "build-token-value";
    job_.api_base_url = "http://127.0.0.1:1/client/v4";
    server_.uploaded = 1;
  }

  void run() {
    Slot slot(workshop_, 0);
    slot.run(job_, stop_);
  }
  model::BuildOutcome outcome() {
    EXPECT_EQ(server_.ends.size(), 1U);
    return server_.ends.empty() ? model::BuildOutcome::skipped : server_.ends[0].outcome;
  }
  std::vector<std::string> shell_commands() {
    std::vector<std::string> commands;
    for (const Command& command : stage_.commands) {
      if (command.argv.size() == 3 && command.argv[1] == "-c") commands.push_back(command.argv[2]);
    }
    return commands;
  }

  testing::FakeClock clock_;
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
      {{"npm_config_registry", "http://registry"}}};
  model::JobSpec job_;
  StopSwitch stop_;
};

}  // namespace kiln::runner
