#include "base/url_parts.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(UrlParts, AnOriginIsSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://git.example:8443/acme/shop?x#y"), "https://git.example:8443");
  EXPECT_EQ(origin_of("https://user:pa@ss@git.example"), "https://git.example");
  EXPECT_EQ(origin_of("http://git.example?to=a/b"), "http://git.example");
  EXPECT_EQ(origin_of("git.example/acme"), "git.example");
}

TEST(UrlParts, LoopbackIsAnAddressAndNoName) {
  for (const char* url : {"http://127.0.0.1:80/x", "smtp://127.1.2.3:25", "http://[::1]:8080",
                          "smtp://localhost:25", "https://127.0.0.1"})
    EXPECT_TRUE(is_loopback_url(url)) << url;
  for (const char* url :
       {"smtp://127.mail.example:25", "smtp://127.0.0.1.mail.example:25", "http://localhost.example",
        "http://mail.example/://127.0.0.1", "http://127.0.0.1@mail.example/", "smtp://[::2]:25",
        "http://128.0.0.1", "not a url", ""})
    EXPECT_FALSE(is_loopback_url(url)) << url;
}

}  // namespace
}  // namespace kiln
