#include "model/public_origin.h"

#include <gtest/gtest.h>

namespace kiln::model {
namespace {

TEST(PublicOrigin, IsASchemeADomainAndPerhapsAPort) {
  EXPECT_EQ(parse_public_origin("https://workers.example.com"),
            (PublicOrigin{"https", "workers.example.com", 0}));
  EXPECT_EQ(parse_public_origin("https://workers.example.com/"),
            (PublicOrigin{"https", "workers.example.com", 0}));
  EXPECT_EQ(parse_public_origin("http://localhost:8080"), (PublicOrigin{"http", "localhost", 8080}));
  EXPECT_EQ(parse_public_origin("https://a.example:443"), (PublicOrigin{"https", "a.example", 0}));
  EXPECT_EQ(parse_public_origin("http://a.example:443"), (PublicOrigin{"http", "a.example", 443}));
}

TEST(PublicOrigin, IsNothingElse) {
  for (const char* text : {"",
                           "kiln.test",
                           "https://",
                           "ftp://a.example",
                           "HTTPS://a.example",
                           "https://a.example/x",
                           "https://a.example//",
                           "https://a.example?x",
                           "https://a.example#x",
                           "https://u@a.example",
                           "https://a.example:",
                           "https://a.example:0",
                           "https://a.example:65536",
                           "https://a.example:8x",
                           "https://10.0.0.1",
                           "https://[::1]",
                           "https://A.example",
                           "https://*.a.example",
                           "https://a..example",
                           "https://a.example."})
    EXPECT_EQ(parse_public_origin(text), std::nullopt) << text;
}

TEST(BaseUrl, IsWhatPathsCanBePutBehind) {
  for (const char* text : {"https://kiln.example.com", "http://localhost:8787", "http://10.0.0.7:8787",
                           "http://[::1]:8787", "http://[2001:db8::7]", "https://ci.example.com/kiln/a"}) {
    EXPECT_TRUE(is_base_url(text)) << text;
  }
  for (const char* text :
       {"", "kiln.test", "https://", "ftp://kiln.test", "https://kiln.test/", "https://u@kiln.test",
        "https://kiln.test?x", "https://kiln.test/a#b", "https://kiln.test:0", "https://kiln.test:99999",
        "https://::1", "https://[::1", "https://kiln .test", "https://kiln.test/\n", "https://1.2.3"}) {
    EXPECT_FALSE(is_base_url(text)) << text;
  }
}

}  // namespace
}  // namespace kiln::model
