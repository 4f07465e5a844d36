#include "cli/event_stream.h"

#include <gtest/gtest.h>

#include <vector>

namespace kiln::cli {
namespace {

TEST(EventStream, GivesTheSameEventsWhereverTheBytesAreCut) {
  const std::string bytes =
      ": hello\n\ndata: [1,\"a\"]\ndata: [2,\"b\"]\nid: 7\n\nevent: end\r\ndata:{}\r\n\r\ndata: cut off\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    EventStream stream;
    std::vector<ServerEvent> events;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      stream.feed(std::string_view(bytes).substr(at, step),
                  [&](const ServerEvent& event) { events.push_back(event); });
    }
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].data, "[1,\"a\"]\n[2,\"b\"]");
    EXPECT_EQ(events[0].id, "7");
    EXPECT_EQ(events[0].type, "message");
    EXPECT_EQ(events[1].type, "end");
    EXPECT_EQ(events[1].data, "{}");
  }
}

}  // namespace
}  // namespace kiln::cli
