#include "app/listen_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::app {
namespace {

using ::testing::HasSubstr;

TEST(ListenUrl, AnAddressIsReadAndLeadsBack) {
  struct Case {
    const char* text;
    const char* host;
    std::uint16_t port;
    const char* url;
  };
  for (const Case& good : {Case{"127.0.0.1:8787", "127.0.0.1", 8787, "http://127.0.0.1:8787"},
                           Case{"localhost:80", "localhost", 80, "http://localhost:80"},
                           Case{"[::1]:8787", "::1", 8787, "http://[::1]:8787"},
                           Case{"0.0.0.0:8787", "0.0.0.0", 8787, "http://127.0.0.1:8787"},
                           Case{"[::]:8787", "::", 8787, "http://[::1]:8787"}}) {
    const Result<ListenAddress> read = parse_listen("--listen", good.text);
    ASSERT_TRUE(read) << good.text;
    EXPECT_EQ(*read, ListenAddress(good.host, good.port)) << good.text;
    EXPECT_EQ(listen_url(read->first, read->second), good.url);
  }
}

TEST(ListenUrl, WhatIsNoAddressIsRefusedByName) {
  for (const char* wrong : {"nonsense", ":80", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:8o"})
    EXPECT_THAT(parse_listen("--listen", wrong).error().message, HasSubstr("--listen " + std::string(wrong)));
  EXPECT_THAT(parse_listen("--workers-listen", "::1:8787").error().message, HasSubstr("[::1]:8787"));
}

}  // namespace
}  // namespace kiln::app
