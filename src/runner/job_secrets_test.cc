#include "runner/job_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"

namespace kiln::runner {
namespace {

TEST(JobSecrets, AreTheSecretVariablesTheTokenAndTheCloneCredentials) {
  model::JobSpec job;
  job.environment = {{"A", "shown", false, 0}, {"B", "hidden", true, 0}};
  job.api_token = "minted";
  job.clone_authorization = "Basic " + to_base64("x-token:ghs_123");
  job.clone_url = "https://user:pass-word@host/x";
  const auto secrets = secrets_of(job);
  for (const char* expected : {"hidden", "minted", "ghs_123", "pass-word"}) {
    EXPECT_THAT(secrets, ::testing::Contains(expected));
  }
  EXPECT_THAT(secrets, ::testing::Not(::testing::Contains("shown")));
  EXPECT_THAT(secrets, ::testing::Not(::testing::Contains("")));
  job = {};
  job.clone_url = "ssh://git@host/x";
  EXPECT_TRUE(secrets_of(job).empty()) << "a user name alone is no secret";
}

}  // namespace
}  // namespace kiln::runner
