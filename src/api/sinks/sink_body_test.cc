// What a sink's body may say over what the sink was.
#include "api/sinks/sink_body.h"

#include <gtest/gtest.h>

namespace kiln::api::sink_routes {
namespace {

SinkBody with_token() {
  SinkBody body;
  EXPECT_TRUE(
      read_sink({{"name", "ops"}, {"kind", "webhook"}, {"url", "https://ops.example/a"}, {"token", "secret"}},
                true, body));
  return body;
}

Status change(const boost::json::object& asked) {
  SinkBody body = with_token();
  return read_sink(asked, false, body);
}

TEST(SinkBodies, SendAKeptTokenNowhereElse) {
  for (const boost::json::value& token : {boost::json::value("absent"), boost::json::value(nullptr)}) {
    boost::json::object asked = {{"url", "https://evil.example/"}};
    if (token.is_null()) asked["token"] = token;
    const Status refused = change(asked);
    ASSERT_FALSE(refused) << "the token would go there";
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_EQ(refused.error().field, "token");
  }
  EXPECT_TRUE(change({{"url", "https://new.example/"}, {"token", "another"}}));
  EXPECT_TRUE(change({{"url", "https://new.example/"}, {"token", ""}}));
  EXPECT_TRUE(change({{"url", "https://ops.example/a"}})) << "it stays where it is";
  EXPECT_TRUE(change({{"name", "other"}}));
}

}  // namespace
}  // namespace kiln::api::sink_routes
