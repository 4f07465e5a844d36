// Workers that never let go of their process, or use up its memory.
#include "serving/pulse.h"
#include "serving/start_words.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

const std::string kSpins =
    "export default { async fetch(r) { const path = new URL(r.url).pathname;\n"
    "if (path === '/spin') for (;;);\n"
    "if (path === '/wait') await scheduler.wait(1500);\n"
    "if (path === '/fill') { const kept = []; for (;;) kept.push(new Array(1 << 20).fill(kept.length + "
    "0.5)); }\n"
    "return new Response('ok') } }";

bool said(TestGround& ground, std::string_view words) {
  const std::lock_guard lock(ground.mutex);
  return std::any_of(ground.lines.begin(), ground.lines.end(),
                     [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

TEST(Hang, AProcessThatSpinsIsEndedAndStartedAgain) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.options.prepare.hang_ms = 1000;
  ground.start();
  const Uuid version = ground.add_script(kSpins);
  EXPECT_EQ(body_of(ground.get(version)), "ok");
  EXPECT_EQ(ground.get(version, "/spin"), "") << "the connection ends with the process";
  EXPECT_TRUE(comes_true([&] { return said(ground, "did not let go of its process for 1000 ms"); }));
  EXPECT_TRUE(comes_true([&] { return body_of(ground.get(version)) == "ok"; }));
}

TEST(Hang, AVersionsOwnLimitGoesBefore) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  store::NewVersion fresh;
  fresh.version.limits_json = R"({"cpu_ms":1000})";
  const Uuid version = ground.add({{"index.js", kEsm, kSpins}}, fresh);
  EXPECT_EQ(ground.get(version, "/spin"), "");
  EXPECT_TRUE(comes_true([&] { return said(ground, "for 1000 ms"); }));
}

TEST(Hang, AProcessThatOnlyWaitsIsLeftAlone) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.options.prepare.hang_ms = 1000;
  ground.start();
  const Uuid version = ground.add_script(kSpins);
  EXPECT_EQ(body_of(ground.get(version, "/wait")), "ok");
  const std::lock_guard lock(ground.mutex);
  EXPECT_TRUE(ground.lines.empty()) << ground.lines[0];
}

TEST(Hang, AWorkerThatUsesUpItsMemoryIsToldApart) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.options.engine.memory_bytes = std::size_t{192} << 20U;
  ground.start();
  const Uuid version = ground.add_script(kSpins);
  EXPECT_EQ(ground.get(version, "/fill"), "");
  EXPECT_TRUE(comes_true([&] { return said(ground, "used up its memory (192 MiB, workers.memory_mb)"); }));
  EXPECT_TRUE(comes_true([&] { return body_of(ground.get(version)) == "ok"; }));
}

TEST(Hang, SaysWhyAProcessEnded) {
  Engine engine;
  engine.memory_bytes = std::size_t{512} << 20U;
  EXPECT_EQ(why_it_ended(engine, {.exit_code = 0, .signal = 9}, "", 0),
            "The Worker's process ended by itself (SIGKILL).");
  EXPECT_EQ(why_it_ended(engine, {.exit_code = 3, .signal = 0}, "some\nwords", 0),
            "The Worker's process ended by itself (exit code 3): some words");
  EXPECT_NE(why_it_ended(engine, {.exit_code = 0, .signal = 5}, "# Fatal JavaScript out of memory: x", 0)
                .find("used up its memory (512 MiB"),
            std::string::npos);
  EXPECT_EQ(why_it_ended(engine, {.exit_code = 0, .signal = 9}, "Cannot allocate memory", 0).find("used up"),
            std::string::npos);
  const Ending killed{.exit_code = 0, .signal = 9};
  EXPECT_EQ(why_it_ended(engine, killed, "", 0, ProcessKind::database),
            "The database's process ended by itself (SIGKILL).");
  EXPECT_EQ(
      why_it_ended(engine, killed, "", 30'000, ProcessKind::database).find("A statement of the database"),
      0U);
}

TEST(Pulse, IsFeltWhenTheOtherSideReadsAndNotBefore) {
  testing::TempDir folder;
  const std::string path = folder.path() / "s";
  Pulse pulse;
  EXPECT_FALSE(pulse.waiting());
  pulse.begin(path);
  EXPECT_TRUE(pulse.waiting());
  EXPECT_FALSE(pulse.felt()) << "nobody listens yet";
  const Result<Fd> listener = listen_on(path);
  ASSERT_TRUE(listener);
  EXPECT_FALSE(pulse.felt());
  const Fd taken(accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_TRUE(taken);
  EXPECT_FALSE(pulse.felt()) << "taken, not read";
  std::array<char, 16> chunk{};
  EXPECT_EQ(recv(taken.get(), chunk.data(), chunk.size(), 0), 2);
  EXPECT_TRUE(pulse.felt());
  pulse.end();
  EXPECT_FALSE(pulse.waiting());
  EXPECT_EQ(recv(taken.get(), chunk.data(), chunk.size(), 0), 0);
}

}  // namespace
}  // namespace kiln::serving
