// Cron triggers of real Workers, by a clock that the test moves.
#include "serving/cron/runner.h"

#include <algorithm>

#include "model/cron.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

constexpr TimeMs kMinuteOfCron = 60'000;

struct CronGround {
  TestGround ground;
  std::unique_ptr<CronRunner> runner;
  TimeMs first = ground.store.clock.now() / kMinuteOfCron * kMinuteOfCron + kMinuteOfCron;

  // The deployed Worker runs this code each minute.
  explicit CronGround(const std::string& code) {
    ground.start();
    const Uuid version = ground.add_script(code);
    model::Deployment made;
    made.id = ground.store.entropy.uuid();
    made.worker_tag = ground.worker.tag;
    made.versions = {{version, 100}};
    EXPECT_TRUE(ground.store.versions.add_deployment(made));
    EXPECT_TRUE(ground.store.workers.set_schedules(ground.worker, {{"* * * * *", first}}));
    start();
  }
  ~CronGround() {
    ground.runtimes->stop();
    runner->stop();
  }
  void start() {
    CronOptions options;
    options.first_retry_ms = 1'000;
    runner = std::make_unique<CronRunner>(ground.store.schedules, ground.store.route_resolver,
                                          *ground.runtimes, ground.store.clock, options);
    runner->start();
  }
  void pass(TimeMs milliseconds) {
    ground.store.clock.advance(milliseconds);
    runner->wake();
  }
  // Lines with this text that the Worker printed.
  long printed(const std::string& text) {
    const std::lock_guard lock(ground.mutex);
    return std::count_if(ground.lines.begin(), ground.lines.end(),
                         [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
};

TEST(CronTriggers, CallScheduledAtItsMinuteAndOnceForWhatWasMissed) {
  KILN_NEEDS_WORKERD();
  CronGround cron(
      "export default { async scheduled(event, env, ctx) {\n"
      "  console.log('ran', event.cron, event.scheduledTime);\n"
      "  ctx.waitUntil(new Promise((r) => setTimeout(r, 5)).then(() => console.log('waited'))); } }");
  cron.pass(0);
  EXPECT_EQ(cron.printed("ran"), 0);
  cron.pass(cron.first - cron.ground.store.clock.now());
  ASSERT_TRUE(comes_true([&] { return cron.printed("waited") == 1; }));
  EXPECT_EQ(cron.printed("ran * * * * * " + std::to_string(cron.first)), 1);
  cron.pass(10 * kMinuteOfCron);  // as if Kiln had been down
  ASSERT_TRUE(comes_true([&] { return cron.printed("waited") == 2; }));
  EXPECT_EQ(cron.printed("ran * * * * * " + std::to_string(cron.first + kMinuteOfCron)), 1);
  cron.pass(kMinuteOfCron);
  ASSERT_TRUE(comes_true([&] { return cron.printed("waited") == 3; }));
  EXPECT_EQ(cron.printed("ran * * * * * " + std::to_string(cron.first + 11 * kMinuteOfCron)), 1);
}

TEST(CronTriggers, AreTriedAgainWhenTheyFail) {
  KILN_NEEDS_WORKERD();
  CronGround cron(
      "let n = 0; export default { scheduled(event) { console.log('try', ++n, event.scheduledTime);\n"
      "  if (n < 3) throw new Error('not yet') } }");
  cron.pass(cron.first - cron.ground.store.clock.now());
  ASSERT_TRUE(comes_true([&] { return cron.printed("try 1 ") == 1; }));
  for (const int n : {2, 3}) {
    // Its failure is noted before its time comes again.
    ASSERT_TRUE(comes_true([&] {
      cron.pass(500);
      return cron.printed("try " + std::to_string(n) + " " + std::to_string(cron.first)) == 1;
    }));
  }
  EXPECT_EQ(cron.printed("try"), 3);
}

TEST(CronTriggers, AreNotTriedAgainWhenTheWorkerSaysSo) {
  KILN_NEEDS_WORKERD();
  CronGround cron(
      "export default { scheduled(event) { console.log('try', event.scheduledTime); event.noRetry();\n"
      "  throw new Error('never') } }");
  cron.pass(cron.first - cron.ground.store.clock.now());
  ASSERT_TRUE(comes_true([&] { return cron.printed("try") == 1; }));
  cron.pass(kMinuteOfCron);
  ASSERT_TRUE(comes_true([&] { return cron.printed("try") == 2; }));
  EXPECT_EQ(cron.printed("try " + std::to_string(cron.first)), 1);
}

TEST(CronTriggers, ThatCameDueDuringARunFollowIt) {
  KILN_NEEDS_WORKERD();
  CronGround cron(
      "export default { async scheduled(event) { console.log('began', event.scheduledTime); await "
      "scheduler.wait(300);\n"
      "  console.log('ended', event.scheduledTime) } }");
  cron.pass(cron.first - cron.ground.store.clock.now());
  ASSERT_TRUE(comes_true([&] { return cron.printed("began") == 1; }));
  cron.pass(kMinuteOfCron);
  ASSERT_TRUE(comes_true([&] { return cron.printed("ended") == 2; }));
  EXPECT_EQ(cron.printed("ended " + std::to_string(cron.first + kMinuteOfCron)), 1);
}

TEST(CronTriggers, OfAWorkerWithoutAHandlerGoOnWithoutIt) {
  KILN_NEEDS_WORKERD();
  CronGround cron("export default { fetch() { return new Response('x') } }");
  cron.pass(cron.first - cron.ground.store.clock.now());
  EXPECT_TRUE(comes_true([&] {
    const auto due = cron.ground.store.schedules.due(10, 10 * kMinuteOfCron);
    return due && due->now.empty() && due->next_in_ms == kMinuteOfCron;
  }));
}

}  // namespace
}  // namespace kiln::serving
