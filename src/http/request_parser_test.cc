#include "http/request_parser.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

using Step = RequestParser::Step;

class RequestParserTest : public ::testing::Test {
 protected:
  Step feed(std::string_view bytes) {
    const auto [used, step] = parser_.feed(bytes);
    used_ = used;
    return step;
  }

  Request request_;
  RequestParser parser_{128};
  std::size_t used_ = 0;
};

TEST_F(RequestParserTest, TellsTheHeadAndThenTheBody) {
  parser_.start(request_);
  const std::string head =
      "POST /a?x HTTP/1.1\r\nHOST: x\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(feed("\r\n" + head + "hello"), Step::header_done);
  EXPECT_EQ(used_, head.size() + 2);
  EXPECT_EQ(request_.method, "POST");
  EXPECT_EQ(request_.header("host"), "x");
  EXPECT_EQ(parser_.target(), "/a?x");
  EXPECT_EQ(parser_.length(), 5U);
  EXPECT_TRUE(parser_.wants_continue());
  EXPECT_FALSE(parser_.limit_body(4));
  EXPECT_TRUE(parser_.limit_body(5));
  EXPECT_EQ(feed("hel"), Step::need_more);
  EXPECT_EQ(feed("loGET"), Step::done);
  EXPECT_EQ(used_, 2U);
  EXPECT_EQ(request_.body, "hello");
}

TEST_F(RequestParserTest, LeavesNothingOfTheRequestBefore) {
  parser_.start(request_);
  EXPECT_EQ(feed("POST /a HTTP/1.1\r\nHost: x\r\nX-Who: me\r\nContent-Length: 1\r\n\r\n"), Step::header_done);
  EXPECT_EQ(feed("b"), Step::done);
  request_.token_hash = "of these headers";
  parser_.start(request_);
  EXPECT_EQ(feed("GET /b HTTP/1.1\r\nHost: x\r\n\r\n"), Step::header_done);
  EXPECT_FALSE(parser_.has_body());
  EXPECT_EQ(request_.header("x-who"), "");
  EXPECT_EQ(request_.body, "");
  EXPECT_EQ(request_.token_hash, "");
}

TEST_F(RequestParserTest, HoldsHeadAndChunksToTheirLimits) {
  parser_.start(request_);
  EXPECT_EQ(feed("GET /" + std::string(130, 'a')), Step::header_too_large);
  parser_.start(request_);
  EXPECT_EQ(feed("GET /" + std::string(130, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), Step::header_too_large);
  parser_.start(request_);
  EXPECT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), Step::header_done);
  EXPECT_TRUE(parser_.limit_body(10));
  EXPECT_EQ(feed("8\r\n12345678\r\n"), Step::need_more);
  EXPECT_EQ(feed("3\r\n"), Step::body_too_large);
}

TEST_F(RequestParserTest, RefusesABareLineFeedInAChunksExtension) {
  parser_.start(request_);
  EXPECT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), Step::header_done);
  EXPECT_EQ(feed("3;a\nb\r\nabc\r\n0\r\n\r\n"), Step::malformed);
}

}  // namespace
}  // namespace kiln::http
