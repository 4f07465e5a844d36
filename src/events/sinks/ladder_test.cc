#include "events/sinks/ladder.h"

#include <gtest/gtest.h>

#include "events/sinks/signing.h"

namespace kiln::events {
namespace {

TEST(AfterTry, ClimbsTheLadderAndThenParks) {
  constexpr TimeMs waits[] = {5'000,      300'000,    1'800'000,  7'200'000,
                              18'000'000, 36'000'000, 50'400'000, 72'000'000};
  for (int attempts = 0; attempts < 8; ++attempts) {
    EXPECT_EQ(after_try(attempts, 500, {}).is, AfterTry::Is::again);
    EXPECT_EQ(after_try(attempts, 500, {}).wait_ms, waits[attempts]);
  }
  EXPECT_EQ(after_try(8, 0, {}).is, AfterTry::Is::parked);
}

TEST(AfterTry, EndsWithAnySuccessAndAtGone) {
  for (const int status : {200, 202, 204, 299})
    EXPECT_EQ(after_try(3, status, {}).is, AfterTry::Is::delivered);
  for (const int status : {0, 302, 400, 404, 429, 503})
    EXPECT_EQ(after_try(3, status, {}).is, AfterTry::Is::again);
  EXPECT_EQ(after_try(0, 410, {}).is, AfterTry::Is::sink_off);
}

TEST(AfterTry, WaitsAsLongAsItIsAskedTo) {
  EXPECT_EQ(after_try(0, 429, 60'000).wait_ms, 60'000);
  EXPECT_EQ(after_try(1, 429, 60'000).wait_ms, 300'000) << "and no shorter than the ladder";
}

TEST(RetryAfter, IsReadInSecondsAndAsADate) {
  constexpr TimeMs now = 1'445'412'480'000;  // Wed, 21 Oct 2015 07:28:00 GMT
  EXPECT_EQ(retry_after_ms("120", now), 120'000);
  EXPECT_EQ(retry_after_ms("Wed, 21 Oct 2015 07:28:30 GMT", now), 30'000);
  EXPECT_EQ(retry_after_ms("Wed, 21 Oct 2015 07:00:00 GMT", now), 0);
  EXPECT_EQ(retry_after_ms("99999999999", now), TimeMs{86'400'000});
  EXPECT_EQ(retry_after_ms("soon", now), std::nullopt);
  EXPECT_EQ(retry_after_ms("", now), std::nullopt);
}

std::string signature_of(const model::SinkSecrets& secrets, TimeMs now) {
  return signed_headers(secrets, "msg_1", now, "{}").at(2).second;
}

TEST(Signing, IsByBothSecretsWhileBothAreGood) {
  model::SinkSecrets secrets;
  secrets.signing = "new";
  const std::string by_new = signature_of(secrets, 1'000);
  EXPECT_TRUE(by_new.starts_with("v1,"));
  secrets.signing = "old";
  const std::string by_old = signature_of(secrets, 1'000);
  secrets = {};
  secrets.signing = "new";
  secrets.previous_signing = "old";
  secrets.previous_signing_until = 2'000;
  EXPECT_EQ(signature_of(secrets, 1'000), by_new + " " + by_old);
  EXPECT_EQ(signature_of(secrets, 2'000).find(' '), std::string::npos);
}

}  // namespace
}  // namespace kiln::events
