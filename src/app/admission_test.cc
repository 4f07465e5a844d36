#include "app/admission.h"

#include <gtest/gtest.h>

namespace kiln::app {
namespace {

constexpr std::size_t kMib = std::size_t{1} << 20U;

TEST(Admission, LeavesDescriptorsForWhatIsNoConnection) {
  settings::Config with_tls;
  with_tls.tls.listen = "0.0.0.0:443";
  for (const settings::Config& config : {settings::Config(), with_tls}) {
    for (const std::size_t descriptors : {256U, 512U, 1024U, 20'000U, 1'048'576U}) {
      const ConnectionShares shares = share_connections(descriptors, config);
      const std::size_t used = shares.api.all + 2 * shares.unix_socket + 2 * shares.visitors.all +
                               2 * shares.tls.all + 10 * shares.calls;
      EXPECT_LE(used + 100, descriptors);
      EXPECT_GE(shares.api.all, 20U);
      EXPECT_GE(shares.unix_socket, 16U);
      EXPECT_GE(shares.api.all, 4 * shares.api.of_peer) << "one address cannot fill it";
    }
  }
  const ConnectionShares many = share_connections(1'048'576, settings::Config());
  EXPECT_EQ(many.api.all, 1024U);
  EXPECT_EQ(many.api.of_peer, 256U);
  EXPECT_EQ(many.visitors.all, 4096U);
}

TEST(Admission, GivesEachCallerRoomForTheLargestUploadAndStrangersLittle) {
  settings::Config config;
  config.body_memory = 260 * kMib;
  for (const std::size_t memory : {260 * kMib, 320 * kMib, 1024 * kMib}) {
    config.body_memory = memory;
    const http::BodyLimits bodies = server_options(1024, config).bodies;
    EXPECT_GT(bodies.of_caller, 100 * kMib);
    EXPECT_LT(2 * bodies.of_caller + bodies.of_strangers, bodies.all) << "two callers leave room for others";
    EXPECT_GE(bodies.of_strangers, 8 * kMib) << "the largest delivery";
  }
}

}  // namespace
}  // namespace kiln::app
