// Work of one kind never waits for another's, and what is too much is refused in words.
#include <semaphore>

#include "http/server_for_test.h"

namespace kiln::http {
namespace {

class ServerWorkTest : public ServerTest {
 protected:
  ServerWorkTest() {
    for (const auto& [name, work] : kKinds) {
      router_.add("GET", std::string("/") + name, {.work = work}, [](const Request&) -> Reply {
        return Response{200, {}, "done"};
      });
    }
    router_.add("GET", "/hang", {.work = Work::git}, [this](const Request&) -> Reply {
      begun_.release();
      go_.wait(false);
      return Response{200, {}, "hung"};
    });
    router_.add("GET", "/hang-later", {.work = Work::git}, [this](const Request& request) {
      return value_ == 0 ? waiting(request) : Reply{Response{200, {}, "late"}};
    });
    options_.work[static_cast<std::size_t>(Work::git)] = {2, 1};
  }

  ~ServerWorkTest() override { go_on(); }

  static constexpr std::array<std::pair<const char*, Work>, 7> kKinds{{{"quick", Work::quick},
                                                                       {"read", Work::read},
                                                                       {"store", Work::store},
                                                                       {"runner", Work::runner},
                                                                       {"hook", Work::hook},
                                                                       {"git", Work::git},
                                                                       {"upload", Work::upload}}};
  void wait_for_two() {
    for (int i = 0; i < 2; ++i) begun_.acquire();
  }
  void go_on() {
    go_ = true;
    go_.notify_all();
  }

  std::counting_semaphore<> begun_{0};
  std::atomic<bool> go_ = false;
};

TEST_F(ServerWorkTest, WhatHangsInOneKindHoldsUpNoOther) {
  const std::uint16_t port = start();
  std::vector<std::unique_ptr<Wire>> hanging;
  for (int i = 0; i < 2; ++i) hanging.emplace_back(std::make_unique<Wire>(port))->get("/hang");
  wait_for_two();
  for (const auto& [name, work] : kKinds) {
    if (work == Work::git) continue;
    Wire wire(port);
    wire.get(std::string("/") + name);
    EXPECT_TRUE(wire.until("done").starts_with("HTTP/1.1 200 ")) << name;
  }
  go_on();
  for (const auto& wire : hanging) EXPECT_TRUE(wire->until("hung").starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerWorkTest, WhatIsMoreThanMayWaitIsRefusedWithWordsAndTheRestGoesOn) {
  const std::uint16_t port = start();
  std::vector<std::unique_ptr<Wire>> hanging;
  for (int i = 0; i < 2; ++i) hanging.emplace_back(std::make_unique<Wire>(port))->get("/hang");
  wait_for_two();
  // One may wait. Which of the two comes first is not said; the other is refused.
  std::array<Wire, 2> more{Wire(port), Wire(port)};
  more[0].get("/git");
  more[1].get("/git");
  std::array<pollfd, 2> fds{{{more[0].fd(), POLLIN, 0}, {more[1].fd(), POLLIN, 0}}};
  ASSERT_EQ(poll(fds.data(), fds.size(), kGiveUpSeconds * 1000), 1) << "one answered, one waiting";
  const std::size_t refused = fds[0].revents != 0 ? 0 : 1;
  const std::string answer = more[refused].response();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("as many requests that wait for git under way"), answer.npos) << answer;
  go_on();
  EXPECT_TRUE(more[1 - refused].response().starts_with("HTTP/1.1 200 "));
  more[refused].get("/git");
  EXPECT_TRUE(more[refused].response().starts_with("HTTP/1.1 200 ")) << "the connection goes on";
}

TEST_F(ServerWorkTest, WhoeverWaitsForATopicIsNotLostWhenItsPoolIsFull) {
  const std::uint16_t port = start();
  Wire waiting(port);
  waiting.get("/hang-later");
  ASSERT_TRUE(wakes_.wait_for(1));
  std::vector<std::unique_ptr<Wire>> hanging;
  for (int i = 0; i < 3; ++i) hanging.emplace_back(std::make_unique<Wire>(port))->get("/hang");
  wait_for_two();
  set_value(1);
  go_on();
  EXPECT_TRUE(waiting.until("late").starts_with("HTTP/1.1 200 "));
}

TEST(RouterWork, ReadsAndMovesHavePlacesOfTheirOwnUnlessARouteSaysOtherwise) {
  Router router;
  const auto add = [&](const char* method, RouteOptions options) {
    router.add(method, "/x", options, [](const Request&) -> Reply { return Response{}; });
    return router.routes().back()->options.work;
  };
  EXPECT_EQ(add("GET", {}), Work::read);
  EXPECT_EQ(add("POST", {}), Work::store);
  EXPECT_EQ(add("PUT", {.work = Work::upload}), Work::upload);
}

}  // namespace
}  // namespace kiln::http
