#include "http/request_parser.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

using Step = RequestParser::Step;

class RepeatedHeadTest : public ::testing::Test {
 protected:
  // Whether the head, which is whole, was taken as a repetition. It is remembered unless told otherwise.
  bool repeats(std::string_view bytes, bool remember = true) {
    parser_.start(request_);
    EXPECT_EQ(parser_.feed(bytes).step, Step::header_done) << bytes;
    if (remember) parser_.remember_head();
    return parser_.repeats();
  }

  Request request_;
  RequestParser parser_{4096};
  const std::string first_ = "GET /a?x=1 HTTP/1.1\r\nHost: x\r\nX-Who: me\r\n\r\n";
  const std::string next_ = "GET /a?x=22 HTTP/1.1\r\nHost: x\r\nX-Who: me\r\n\r\n";
};

TEST_F(RepeatedHeadTest, IsToldWithItsQueryAndLeavesTheRequestAsItWas) {
  EXPECT_FALSE(repeats(first_));
  request_.token_hash = "of these headers";
  for (int again = 0; again < 3; ++again) {
    EXPECT_TRUE(repeats(next_));
    EXPECT_EQ(parser_.repeated_query(), "x=22");
    EXPECT_EQ(request_.method, "GET");
    EXPECT_EQ(request_.header("x-who"), "me");
    EXPECT_EQ(request_.token_hash, "of these headers");
    EXPECT_TRUE(parser_.keep_alive());
    EXPECT_FALSE(parser_.has_body());
  }
}

TEST_F(RepeatedHeadTest, AnotherHeadLeavesNothingOfTheLastOne) {
  EXPECT_FALSE(repeats(first_));
  request_.token_hash = "of these headers";
  EXPECT_FALSE(repeats("GET /a?x=1 HTTP/1.1\r\nHost: x\r\nX-Who: yu\r\n\r\n"));
  EXPECT_EQ(request_.header("x-who"), "yu");
  EXPECT_EQ(request_.token_hash, "");
  EXPECT_FALSE(repeats(first_));
}

TEST_F(RepeatedHeadTest, IsNotToldUnlessTheLastOneWasRemembered) {
  EXPECT_FALSE(repeats(first_, false));
  EXPECT_FALSE(repeats(next_));
  EXPECT_TRUE(repeats(first_));
}

TEST_F(RepeatedHeadTest, IsNotToldBehindABody) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n";
  EXPECT_FALSE(repeats(head));
  EXPECT_TRUE(parser_.has_body());
  EXPECT_EQ(parser_.feed("b").step, Step::done);
  EXPECT_FALSE(repeats(head));
}

TEST_F(RepeatedHeadTest, IsNotToldOfOneThatComesInPieces) {
  EXPECT_FALSE(repeats(first_));
  parser_.start(request_);
  EXPECT_EQ(parser_.feed(next_.substr(0, 20)).step, Step::need_more);
  EXPECT_EQ(request_.header("x-who"), "");
}

}  // namespace
}  // namespace kiln::http
