#include "http/conditional.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace kiln::http {
namespace {

std::string value_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

Response answer(const std::string& body, Headers headers, const std::string& method = "GET") {
  Request request;
  request.method = method;
  request.headers = std::move(headers);
  Response response{200, {}, body};
  answer_conditionally(request, response);
  response.flatten();
  return response;
}

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1U << 20U, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Conditional, SendsNothingToAReaderThatHasIt) {
  const Response first = answer("body", {});
  EXPECT_EQ(first.status, 200);
  const std::string tag = value_of(first, "etag");
  EXPECT_TRUE(tag.starts_with("W/\"")) << tag;
  for (const std::string& sent : {tag, "\"x\", " + tag, tag.substr(2), std::string("*")}) {
    const Response again = answer("body", {{"if-none-match", sent}});
    EXPECT_EQ(again.status, 304) << sent;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(value_of(again, "etag"), tag);
  }
  EXPECT_EQ(answer("other", {{"if-none-match", tag}}).status, 200);
  EXPECT_EQ(answer("body", {{"if-none-match", "\"\""}}).status, 200);
}

TEST(Conditional, CompressesWhenAskedAndWorthIt) {
  const std::string body(5000, 'a');
  const Response response = answer(body, {{"accept-encoding", "br, gzip;q=0.5"}});
  EXPECT_EQ(value_of(response, "content-encoding"), "gzip");
  EXPECT_LT(response.body.size(), 200U);
  EXPECT_EQ(gunzip(response.body), body);
  EXPECT_EQ(answer(body, {{"accept-encoding", "gzip"}}).body, response.body) << "kept from the last time";
  EXPECT_EQ(gunzip(answer(body + "b", {{"accept-encoding", "gzip"}}).body), body + "b");
  EXPECT_EQ(value_of(response, "vary"), "accept-encoding");
  EXPECT_EQ(value_of(response, "etag"), value_of(answer(body, {}), "etag"));
  EXPECT_EQ(answer("short", {{"accept-encoding", "gzip"}}).body, "short");
  EXPECT_EQ(answer(body, {{"accept-encoding", "gzip;q=0"}}).body, body);
}

TEST(Conditional, ReadsAcceptEncoding) {
  for (const char* yes : {"gzip", "GZIP", "x-gzip", "*", "br;q=1.0, *;q=0.1", "gzip; q=0.001"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "identity, gzip;q=0, *"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(Conditional, LeavesWritesAndRefusalsAlone) {
  EXPECT_TRUE(answer("body", {}, "POST").headers.empty());
  Request request;
  request.method = "GET";
  Response refused{404, {}, "no"};
  answer_conditionally(request, refused);
  EXPECT_TRUE(refused.headers.empty());
}

}  // namespace
}  // namespace kiln::http
