#include "serving/front/host.h"

#include <gtest/gtest.h>

namespace kiln::serving {
namespace {

TEST(ParseHost, TakesTheTwoLabelsBeforeTheDomain) {
  const HostName hello{"hello", "dev"};
  EXPECT_EQ(parse_host("hello.dev.localhost", "localhost"), hello);
  EXPECT_EQ(parse_host("Hello.DEV.LocalHost.:8788", "localhost"), hello);
  EXPECT_EQ(parse_host("hello.dev.workers.example.org", "workers.example.org"), hello);
  EXPECT_EQ(parse_host("0a1b2c3d-my_worker.dev.localhost:80", "localhost"),
            (HostName{"0a1b2c3d-my_worker", "dev"}));
}

TEST(ParseHost, KnowsNoOtherShape) {
  for (const char* host : {"",
                           "localhost",
                           "dev.localhost",
                           ".localhost",
                           "..localhost",
                           ".dev.localhost",
                           "a.b.dev.localhost",
                           "hello..localhost",
                           "hello.dev.localhost..",
                           "hello.dev.example",
                           "hello.devlocalhost",
                           "127.0.0.1:8788",
                           "[::1]:8788",
                           "hello.dev.localhost:port",
                           "hello.dev.localhost:123456",
                           "hello.dev.localhost:65536",
                           "hello.dev.localhost:80:80",
                           "h\xc3\xa9llo.dev.localhost",
                           "hello/.dev.localhost",
                           "he llo.dev.localhost",
                           "hello@x.dev.localhost"}) {
    EXPECT_EQ(parse_host(host, "localhost"), std::nullopt) << host;
  }
  EXPECT_EQ(parse_host(std::string(64, 'a') + ".dev.localhost", "localhost"), std::nullopt);
}

}  // namespace
}  // namespace kiln::serving
