#include "events/lanes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace kiln::events {
namespace {

// Destinations with so many things due.
struct Post {
  std::mutex mutex;
  std::map<std::string, int> waiting;
  std::map<std::string, int> served;
  std::condition_variable changed;

  Result<std::vector<Lanes::Destination>> destinations() {
    const std::lock_guard lock(mutex);
    std::vector<Lanes::Destination> out;
    for (const auto& [name, count] : waiting) {
      if (count > 0) out.push_back({name, 0});
    }
    return out;
  }
  bool take(const std::string& name) {
    const std::lock_guard lock(mutex);
    if (waiting[name] == 0) return false;
    --waiting[name];
    ++served[name];
    changed.notify_all();
    return true;
  }
  void wait_for(const std::string& name, int count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return served[name] == count; }));
  }
};

TEST(Lanes, OneThatHangsDelaysNoOther) {
  Post post;
  post.waiting = {{"dead", 1}, {"a", 50}, {"b", 1}};
  std::promise<void> over;
  std::shared_future<void> until = over.get_future().share();
  const SystemClock clock;
  Lanes lanes({"things",
               {},
               [&] { return post.destinations(); },
               [&](const std::string& name) -> Result<Lanes::Served> {
                 const bool any = post.take(name);
                 if (name == "dead") until.wait();
                 return Lanes::Served{any, 0};
               }},
              clock);
  lanes.start();
  post.wait_for("a", 50);
  post.wait_for("b", 1);
  over.set_value();
  lanes.stop();
}

TEST(Lanes, OneThatRestsIsLeftAlone) {
  Post post;
  post.waiting = {{"limited", 2}, {"free", 2}};
  const SystemClock clock;
  Lanes lanes({"things",
               {},
               [&] { return post.destinations(); },
               [&](const std::string& name) -> Result<Lanes::Served> {
                 const bool any = post.take(name);
                 return Lanes::Served{any, name == "limited" ? 3'600'000 : 0};
               }},
              clock);
  lanes.start();
  post.wait_for("free", 2);
  post.wait_for("limited", 1);
  lanes.wake();
  lanes.stop();
  EXPECT_EQ(post.served["limited"], 1);
}

TEST(Lanes, WhatIsThrownEndsNothing) {
  Post post;
  post.waiting = {{"broken", 1}, {"good", 1}};
  const SystemClock clock;
  Lanes lanes({"things",
               {},
               [&] { return post.destinations(); },
               [&](const std::string& name) -> Result<Lanes::Served> {
                 if (name == "broken") throw std::runtime_error("out of luck");
                 return Lanes::Served{post.take(name), 0};
               }},
              clock);
  lanes.start();
  post.wait_for("good", 1);
  lanes.stop();
  EXPECT_EQ(post.served["broken"], 0);
}

TEST(Lanes, WhatIsSaidToBeDueAndIsNotIsAskedForOnceALook) {
  std::atomic<int> asked = 0;
  std::atomic<int> looks = 0;
  std::promise<void> enough;
  const SystemClock clock;
  Lanes lanes({"things",
               [&]() -> Status {
                 if (++looks == 5) enough.set_value();
                 return {};
               },
               [] {
                 return std::vector<Lanes::Destination>{{"held", 0}};
               },
               [&](const std::string&) -> Result<Lanes::Served> {
                 ++asked;
                 return Lanes::Served{};
               }},
              clock);
  lanes.start();
  EXPECT_EQ(enough.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  lanes.stop();
  EXPECT_LT(asked, looks) << "a look found it resting";
}

TEST(Lanes, WhatComesFirstIsDoneAtEveryLook) {
  std::promise<void> twice;
  int looks = 0;
  const SystemClock clock;
  Lanes lanes({"things",
               [&]() -> Status {
                 if (++looks == 2) twice.set_value();
                 return fail(Errc::io, "and a failure ends nothing");
               },
               [] { return std::vector<Lanes::Destination>(); },
               [](const std::string&) -> Result<Lanes::Served> { return Lanes::Served{}; }},
              clock);
  lanes.start();
  EXPECT_EQ(twice.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  lanes.stop();
}

}  // namespace
}  // namespace kiln::events
