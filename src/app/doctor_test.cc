#include "app/doctor.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>

#include "events/local_hub.h"
#include "testing/fake_clock.h"

namespace kiln::app {
namespace {

namespace json = boost::json;

// Answers with what the test says, and counts.
class Runner final : public Processes {
 public:
  explicit Runner(Result<ProcessEnd> end) : end_(std::move(end)) {}
  Result<ProcessEnd> run(const ProcessSpec& spec) override {
    ++asked;
    argv = spec.argv;
    return end_;
  }
  std::atomic<int> asked{0};
  std::vector<std::string> argv;

 private:
  Result<ProcessEnd> end_;
};

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    ticket_ = hub_.subscribe(kDoctorTopic, [this] {
      const std::lock_guard lock(mutex_);
      told_ = true;
      wake_.notify_all();
    });
  }
  ~DoctorTest() override { hub_.unsubscribe(ticket_); }

  // What is found by the time that the topic tells of it.
  json::object found_by(Doctor& doctor) {
    EXPECT_EQ(doctor.found(), std::nullopt);
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return told_; });
    told_ = false;
    lock.unlock();
    const std::optional<json::object> found = doctor.found();
    EXPECT_TRUE(found);
    return found.value_or(json::object());
  }

  static ProcessSpec ask() {
    ProcessSpec spec;
    spec.argv = {"kiln-runner", "--doctor"};
    return spec;
  }

  testing::FakeClock clock_;
  events::LocalHub hub_;
  events::Hub::Ticket ticket_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool told_ = false;
};

std::string found_in(const json::object& found) {
  return std::string(found.at("rows").as_array().at(0).at("found").as_string());
}

TEST_F(DoctorTest, AsksOnceForAllAndAnewAfterAMoment) {
  ProcessEnd end;
  end.exit_code = 1;  // builds cannot run, which is an answer
  end.out =
      R"({"builds_can_run": false, "rows": [{"name": "sandbox", "state": "missing", "found": "no bwrap",)"
      R"( "means": "no build can run", "todo": "install it"}]})";
  Runner runner(end);
  Doctor doctor(ask(), runner, hub_, clock_);
  EXPECT_EQ(found_in(found_by(doctor)), "no bwrap");
  EXPECT_TRUE(doctor.found());
  EXPECT_EQ(runner.asked, 1);
  EXPECT_EQ(runner.argv, ask().argv);
  clock_.set_monotonic(clock_.monotonic_ms() + 6'000);
  EXPECT_EQ(found_in(found_by(doctor)), "no bwrap");
  EXPECT_EQ(runner.asked, 2);
}

TEST_F(DoctorTest, SaysWhyNothingWasFound) {
  ProcessEnd killed;
  killed.signal = 9;
  ProcessEnd late;
  late.timed_out = true;
  ProcessEnd refused;
  refused.exit_code = 2;
  refused.err = "kiln-runner: --config: no such file\n";
  const std::vector<std::pair<Result<ProcessEnd>, std::string>> all = {
      {killed, "signal 9"},
      {late, "did not finish in time"},
      {refused, "no such file"},
      {fail(Errc::io, "kiln-runner is not there"), "is not there"}};
  for (const auto& [end, words] : all) {
    Runner runner(end);
    Doctor doctor(ask(), runner, hub_, clock_);
    const json::object found = found_by(doctor);
    EXPECT_FALSE(found.at("builds_can_run").as_bool());
    EXPECT_NE(found_in(found).find(words), std::string::npos) << found_in(found);
  }
}

}  // namespace
}  // namespace kiln::app
