#include "workers/multipart.h"

#include <gtest/gtest.h>

namespace kiln::workers {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=----formdata-undici-012345678901";

std::string body_of(std::initializer_list<std::string_view> parts) {
  std::string body;
  for (const std::string_view part : parts) {
    body += "------formdata-undici-012345678901\r\n";
    body += part;
    body += "\r\n";
  }
  return body + "------formdata-undici-012345678901--\r\n";
}

TEST(Multipart, ReadsWhatWranglerSends) {
  const std::string body =
      body_of({"Content-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"main_module\":\"index.js\"}",
               "Content-Disposition: form-data; name=\"lib/we ird.txt\"; filename=\"lib/we ird.txt\"\r\n"
               "Content-Type: text/plain\r\n\r\nline\r\nline\r\n",
               "Content-Disposition: form-data; name=\"e\"; filename=\"\"\r\n\r\n"});
  const auto parts = parse_multipart(kType, body);
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[0].content, "{\"main_module\":\"index.js\"}");
  EXPECT_FALSE((*parts)[0].filename);
  EXPECT_EQ((*parts)[0].content_type, "");
  EXPECT_EQ((*parts)[1].name, "lib/we ird.txt");
  EXPECT_EQ((*parts)[1].content_type, "text/plain");
  EXPECT_EQ((*parts)[1].content, "line\r\nline\r\n");
  EXPECT_EQ((*parts)[2].content, "");
  EXPECT_EQ((*parts)[2].filename, "");
  EXPECT_EQ(find_part(*parts, "e"), &(*parts)[2]);
  EXPECT_EQ(find_part(*parts, "f"), nullptr);
}

TEST(Multipart, DecodesTheThreeEscapesOfNames) {
  const std::string body = body_of({"Content-Disposition: form-data; name=\"a%22b%0D%0ac%20d%\"\r\n\r\nx"});
  const auto parts = parse_multipart(kType, body);
  ASSERT_TRUE(parts);
  EXPECT_EQ((*parts)[0].name, "a\"b\r\nc%20d%");
}

TEST(Multipart, KeepsBinaryContentThatLooksLikeABoundary) {
  const std::string content = std::string("\0\r\n------formdata-undici-01234567890\r\n--", 40);
  const std::string body = body_of({"Content-Disposition: form-data; name=\"b\"\r\n\r\n" + content});
  const auto parts = parse_multipart(kType, body);
  ASSERT_TRUE(parts);
  EXPECT_EQ((*parts)[0].content, content);
}

TEST(Multipart, RefusesWhatIsNotExactlyAForm) {
  const std::string good = body_of({"Content-Disposition: form-data; name=\"a\"\r\n\r\nx"});
  ASSERT_TRUE(parse_multipart(kType, good));
  EXPECT_TRUE(parse_multipart(kType, good.substr(0, good.size() - 2)));
  const std::string other = body_of({"Content-Disposition: attachment; name=\"a\"\r\n\r\nx"});
  const std::string nameless = body_of({"Content-Disposition: form-data; filename=\"a\"\r\n\r\nx"});
  const std::string twice = body_of({"Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx"});
  const std::string bare = body_of({"Content-Type: text/plain\r\n\r\nx"});
  const std::string unquoted_end = body_of({"Content-Disposition: form-data; name=\"a\r\n\r\nx"});
  for (const std::string& body :
       {std::string(), "x" + good, good.substr(0, good.size() - 2) + "x", good.substr(0, good.size() - 4),
        good.substr(0, good.size() / 2), other, nameless, twice, bare, unquoted_end}) {
    const auto parts = parse_multipart(kType, body);
    ASSERT_FALSE(parts) << body;
    EXPECT_EQ(parts.error().code, Errc::invalid);
  }
  for (const std::string_view type :
       {"", "multipart/form-data", "text/plain; boundary=x",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a b\""}) {
    EXPECT_FALSE(parse_multipart(type, good)) << type;
  }
}

TEST(Multipart, LeavesPreambleEpilogueAndPaddingUnread) {
  const std::string good = body_of({"Content-Disposition: form-data; name=\"a\"\r\n\r\nx"});
  const std::string padded =
      "------formdata-undici-012345678901 \t\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
      "------formdata-undici-012345678901-- \r\n";
  for (const std::string& body :
       {good + "\r\n", good + "said behind\r\n--x", "said before\r\n" + good, "\r\n" + good, padded}) {
    const auto parts = parse_multipart(kType, body);
    ASSERT_TRUE(parts) << body << ": " << parts.error().message;
    ASSERT_EQ(parts->size(), 1U) << body;
    EXPECT_EQ((*parts)[0].content, "x");
  }
}

TEST(Multipart, BoundsTheNumberOfParts) {
  std::string body;
  for (std::size_t i = 0; i <= kMaxParts; ++i)
    body += "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
  EXPECT_FALSE(parse_multipart("multipart/form-data; boundary=b", body + "--b--"));
}

}  // namespace
}  // namespace kiln::workers
