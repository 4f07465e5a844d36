#include "http/body.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

TEST(BodyScanner, StopsWhereALengthEnds) {
  BodyScanner body(Body::length, 5);
  EXPECT_EQ(body.take("abc"), 3U);
  EXPECT_FALSE(body.done());
  EXPECT_EQ(body.take("deNEXT"), 2U);
  EXPECT_TRUE(body.done());
  EXPECT_TRUE(BodyScanner(Body::none, 0).done());
  EXPECT_TRUE(BodyScanner(Body::length, 0).done());
}

TEST(BodyScanner, FindsTheEndOfChunksHoweverTheyArrive) {
  const std::string chunks = "3;a=\"b\"\r\nabc\r\n1A\r\n0123456789abcdefghijklmnop\r\n0\r\nx-t: 1\r\n\r\n";
  const std::string bytes = chunks + "GET / HTTP/1.1";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    BodyScanner body(Body::chunked, 0);
    std::string payload;
    std::size_t used = 0;
    for (std::size_t at = 0; at < bytes.size() && !body.done(); at += piece) {
      used += body.take(std::string_view(bytes).substr(at, piece), &payload);
      ASSERT_FALSE(body.broken());
    }
    EXPECT_TRUE(body.done());
    EXPECT_EQ(used, chunks.size());
    EXPECT_EQ(payload, "abc0123456789abcdefghijklmnop");
  }
}

TEST(BodyScanner, RefusesChunksThatAnotherReaderCouldTakeDifferently) {
  for (const char* bad : {"\r\n", "x\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n", "3\r\nabc\n0\r\n\r\n",
                          "-1\r\n", "+3\r\nabc\r\n", "0x3\r\nabc\r\n", "3\rabc", "ffffffffffffffffff\r\n",
                          "3;\nabc\r\n", "0\r\n x: 1\r\n\r\n", "0\r\nx: 1\n\r\n", "0\r\n\rx"}) {
    BodyScanner body(Body::chunked, 0);
    (void)body.take(bad);
    EXPECT_TRUE(body.broken()) << bad;
  }
}

}  // namespace
}  // namespace kiln::http
