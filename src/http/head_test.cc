#include "http/head.h"

#include <gtest/gtest.h>

#include <string>

namespace kiln::http {
namespace {

bool reads(const std::string& head) {
  std::size_t scanned = 0;
  const std::optional<std::size_t> size = head_size(head, scanned);
  Head into;
  return size == head.size() && parse_request(head, into);
}

TEST(Head, ReadsARequest) {
  const std::string bytes =
      "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nX-Empty:\r\nConnection: close, x\r\n\r\n";
  Head head;
  ASSERT_TRUE(parse_request(bytes, head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b=c");
  EXPECT_EQ(head.host, "x");
  EXPECT_EQ(head.body, Body::length);
  EXPECT_EQ(head.length, 3U);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(head.only("x-EMPTY"), "");
  EXPECT_EQ(head.only("x-absent"), std::nullopt);
  EXPECT_TRUE(head.is_hop_by_hop({Name::other, "X", "1"})) << "named by Connection";
  EXPECT_FALSE(head.is_hop_by_hop({Name::other, "y", "1"}));
}

TEST(Head, TakesTheHostOfAnAbsoluteTarget) {
  Head head;
  const std::string bytes = "GET http://shop:1/a?b HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(parse_request(bytes, head));
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.host, "shop:1");
  const std::string bare = "GET HTTPS://shop HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(parse_request(bare, head));
  EXPECT_EQ(head.target, "/");
  EXPECT_FALSE(reads("GET http://shop?b HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_FALSE(reads("GET ftp://shop/ HTTP/1.1\r\nHost: x\r\n\r\n"));
}

TEST(Head, IsRefusedWhereTwoReadersCouldDiffer) {
  const std::string line = "POST / HTTP/1.1\r\n";
  EXPECT_TRUE(reads(line + "Host: x\r\nContent-Length: 5\r\n\r\n"));
  for (const char* fields : {
           "Host: x\r\nContent-Length: 5, 5\r\n",
           "Host: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
           "Host: x\r\nContent-Length:\r\n 5\r\n",
           "Host: x\r\nContent-Length: +5\r\n",
           "Host: x\r\nContent-Length: -5\r\n",
           "Host: x\r\nContent-Length: 0x5\r\n",
           "Host: x\r\nContent-Length: 99999999999999999999\r\n",
           "Host: x\r\nContent-Length : 5\r\n",
           "Host: x\r\nContent-Length:\r\n",
           "Host: x\r\nTransfer-Encoding:\r\n chunked\r\n",
           "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n",
           "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Host: x\r\nX-A: b\r\n c\r\n",
           "Host: x\r\nX-A: b\rc\r\n",
           "Host: x\nX-A: b\r\n",
           "Host: x\r\nHost: x\r\n",
           " Host: x\r\n",
           "X-A: b\r\n",
       }) {
    EXPECT_FALSE(reads(line + fields + "\r\n")) << fields;
  }
  for (const char* bad : {"GET / HTTP/1.2", "GET / HTTP/2.0", "GET /", "GET  HTTP/1.1", "G T / HTTP/1.1 ",
                          "GET /\x01 HTTP/1.1", "GET a HTTP/1.1", "/ HTTP/1.1"}) {
    EXPECT_FALSE(reads(bad + std::string("\r\nHost: x\r\n\r\n"))) << bad;
  }
  EXPECT_FALSE(reads("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
}

TEST(Head, EndsWhereItsEmptyLineDoesHoweverItArrives) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    std::size_t scanned = 0;
    std::optional<std::size_t> size = 0;
    for (std::size_t end = piece; size == 0U && end <= bytes.size(); end += piece) {
      size = head_size(std::string_view(bytes).substr(0, end), scanned);
    }
    if (size != 0U) {
      EXPECT_EQ(size, bytes.size() - 3) << piece;
    }
  }
  EXPECT_EQ(blank_size("\r\n\r\nGET"), 4U);
}

TEST(Head, EndsAtOnceWhenALineHasABareLineFeed) {
  std::size_t scanned = 0;
  EXPECT_EQ(head_size("GET / HTTP/1.1\nHo", scanned), std::nullopt);
}

}  // namespace
}  // namespace kiln::http
