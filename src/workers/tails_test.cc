#include "workers/tails.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "events/local_hub.h"
#include "testing/fake_clock.h"
#include "testing/fake_entropy.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

const std::string kTag(32, 'a');
const Uuid kVersion = *Uuid::parse("11111111-1111-4111-8111-111111111111");
const Uuid kOther = *Uuid::parse("22222222-2222-4222-8222-222222222222");

class TailsTest : public ::testing::Test {
 protected:
  std::string open(const TailFilters& filters = {}) {
    const auto opened = tails_.open(kTag, "hello", filters);
    EXPECT_TRUE(opened);
    const auto connected = tails_.connect(opened->token);
    EXPECT_TRUE(connected);
    return connected->id;
  }
  // One request from its begin to its answer.
  void visit(int status = 200, const std::string& method = "GET", const Uuid& version = kVersion,
             std::vector<std::pair<std::string, std::string>> headers = {}) {
    tails_.end(tails_.begin(kTag, version, {method, "http://hello.dev.localhost/", std::move(headers)}),
               status);
  }
  void print(const std::string& text, bool is_exception = false, const Uuid& version = kVersion) {
    tails_.line(kTag, version, {clock_.now(), "log", text, is_exception, is_exception ? "TypeError" : ""});
  }
  std::vector<json::object> events(const std::string& id) {
    clock_.advance(Tails::kGraceMs);
    std::vector<json::object> out;
    for (const std::string& text : tails_.news(id).events) out.push_back(json::parse(text).as_object());
    return out;
  }

  testing::FakeClock clock_;
  testing::FakeEntropy entropy_;
  events::LocalHub hub_;
  Tails tails_{clock_, entropy_, hub_};
};

TEST_F(TailsTest, NobodyWatchesUntilOneIsOpenedAndAfterItIsClosed) {
  EXPECT_FALSE(tails_.any());
  EXPECT_EQ(tails_.begin(kTag, kVersion, {}), 0U);
  const std::string id = open();
  EXPECT_TRUE(tails_.any() && tails_.watched(kTag));
  EXPECT_FALSE(tails_.watched(std::string(32, 'b')));
  EXPECT_EQ(tails_.begin(std::string(32, 'b'), kVersion, {}), 0U);
  tails_.close(std::string(32, 'b'), id);  // another Worker's name ends nothing
  EXPECT_TRUE(tails_.any());
  tails_.close(kTag, id);
  tails_.close(kTag, id);
  EXPECT_FALSE(tails_.any());
  EXPECT_TRUE(tails_.news(id).over);
}

TEST_F(TailsTest, ATokenOpensItsStreamOnceAndWithinAMinute) {
  const auto opened = tails_.open(kTag, "hello", {});
  EXPECT_TRUE(tails_.connect(opened->token));
  EXPECT_EQ(tails_.connect(opened->token).error().code, Errc::not_found);
  EXPECT_EQ(tails_.connect("").error().code, Errc::not_found);
  const auto late = tails_.open(kTag, "hello", {});
  clock_.advance(Tails::kConnectMs);
  EXPECT_EQ(tails_.connect(late->token).error().code, Errc::not_found);
  EXPECT_FALSE(tails_.news(opened->id).over);
  clock_.advance(Tails::kLifeMs);
  EXPECT_TRUE(tails_.news(opened->id).over);
  EXPECT_FALSE(tails_.any());
}

TEST_F(TailsTest, ABatchOfAQueueIsAnEventWithItsLines) {
  EXPECT_EQ(tails_.begin_batch(kTag, kVersion, {"orders", 3}), 0U) << "nobody watches";
  const std::string id = open();
  const std::uint64_t fine = tails_.begin_batch(kTag, kVersion, {"orders", 3});
  print("in it");
  tails_.end(fine, 200);
  clock_.advance(1'000);
  tails_.end(tails_.begin_batch(kTag, kVersion, {"orders", 1}), 500);
  const auto seen = events(id);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].at("event"), (json::value{{"queue", "orders"}, {"batchSize", 3}}));
  EXPECT_EQ(seen[0].at("outcome").as_string(), "ok");
  EXPECT_EQ(seen[0].at("logs").as_array().size(), 1U);
  EXPECT_EQ(seen[1].at("outcome").as_string(), "exception");
}

TEST_F(TailsTest, AreLimitedByWorkerAndInAll) {
  for (std::size_t i = 0; i < Tails::kMaxOfWorker; ++i) EXPECT_TRUE(tails_.open(kTag, "hello", {}));
  EXPECT_EQ(tails_.open(kTag, "hello", {}).error().code, Errc::rate_limited);
  std::size_t all = Tails::kMaxOfWorker;
  while (tails_.open("worker " + std::to_string(all / 5), "other", {})) ++all;
  EXPECT_EQ(all, Tails::kMaxTails);
  clock_.advance(Tails::kConnectMs);  // nobody came
  EXPECT_TRUE(tails_.open(kTag, "hello", {}));
}

TEST_F(TailsTest, AnEventHasItsRequestItsAnswerAndItsLines) {
  const std::string id = open();
  const std::uint64_t ticket = tails_.begin(kTag, kVersion, {"PUT", "http://x/y", {{"accept", "*/*"}}});
  print("one");
  tails_.end(ticket, 201);
  print("the last, which came after the answer");
  EXPECT_TRUE(tails_.news(id).events.empty()) << "lines may still come";
  const auto found = events(id);
  ASSERT_EQ(found.size(), 1U);
  const json::object& event = found[0];
  EXPECT_EQ(event.at("outcome"), "ok");
  EXPECT_EQ(event.at("scriptName"), "hello");
  EXPECT_EQ(event.at("scriptVersion").at("id"), json::value(kVersion.str()));
  EXPECT_EQ(event.at("event").at("request").at("method"), "PUT");
  EXPECT_EQ(event.at("event").at("request").at("headers").at("accept"), "*/*");
  EXPECT_EQ(event.at("event").at("response").at("status"), 201);
  ASSERT_EQ(event.at("logs").as_array().size(), 2U);
  EXPECT_EQ(event.at("logs").at(0).at("message").at(0), "one");
  EXPECT_TRUE(events(id).empty());
}

TEST_F(TailsTest, AnExceptionAndAClientThatLeftAreOutcomes) {
  const std::string id = open();
  const std::uint64_t ticket = tails_.begin(kTag, kVersion, {});
  print("no way", true);
  tails_.end(ticket, 500);
  auto found = events(id);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("outcome"), "exception");
  EXPECT_EQ(found[0].at("exceptions").at(0).at("name"), "TypeError");
  visit(0);
  found = events(id);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at("outcome"), "canceled");
  EXPECT_FALSE(found[0].at("event").as_object().contains("response"));
}

TEST_F(TailsTest, AnExceptionBelongsToARequestThatFailed) {
  const std::string id = open();
  const std::uint64_t failing = tails_.begin(kTag, kVersion, {"GET", "http://x/failing", {}});
  visit(200);
  print("no way", true);
  tails_.end(failing, 500);
  for (const json::object& event : events(id)) {
    EXPECT_EQ(event.at("outcome"),
              event.at("event").at("request").at("url") == "http://x/failing" ? "exception" : "ok");
  }
}

TEST_F(TailsTest, LinesOutsideAnyRequestShareAnEvent) {
  const std::string id = open();
  print("starting");
  print("started");
  print("another version", false, kOther);
  const auto found = events(id);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].at("event").is_null());
  EXPECT_EQ(found[0].at("logs").as_array().size(), 2U);
  EXPECT_EQ(found[1].at("scriptVersion").at("id"), json::value(kOther.str()));
}

TEST_F(TailsTest, ALateLineIsNobodysAndTextIsMadeValid) {
  const std::string id = open();
  visit();
  clock_.advance(Tails::kGraceMs + 1);
  print("later \xff");
  const auto found = events(id);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].at("logs").as_array().empty());
  EXPECT_EQ(found[1].at("logs").at(0).at("message").at(0), "later \xef\xbf\xbd");
}

TEST_F(TailsTest, OneEventKeepsSoManyLines) {
  const std::string id = open();
  const std::uint64_t ticket = tails_.begin(kTag, kVersion, {});
  for (std::size_t i = 0; i < Tails::kMaxLines + 10; ++i) print("line");
  tails_.end(ticket, 200);
  EXPECT_EQ(events(id)[0].at("logs").as_array().size(), Tails::kMaxLines);
}

TEST_F(TailsTest, AReaderThatStallsIsToldSoAndEnds) {
  const std::string stalled = open();
  const std::string quick = open();
  for (std::size_t i = 0; i <= Tails::kMaxWaiting; ++i) {
    visit();
    if (i % 100 == 99) {
      EXPECT_EQ(events(quick).size(), 100U);
    }
  }
  const TailNews news = tails_.news(stalled);
  EXPECT_TRUE(news.over);
  ASSERT_EQ(news.events.size(), 1U) << "what waited for it is gone";
  EXPECT_EQ(json::parse(news.events[0]).at("event").at("type"), "overload");
  EXPECT_TRUE(tails_.news(stalled).over);
  EXPECT_TRUE(tails_.any());
  EXPECT_FALSE(tails_.news(quick).over);
}

TEST_F(TailsTest, TellWhenThereMayBeMore) {
  const std::string id = open();
  int told = 0;
  const std::uint64_t ticket = hub_.subscribe(Tails::topic(id), [&told] { ++told; });
  EXPECT_GT(tails_.news(id).wait_ms, 1000);
  visit();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(tails_.news(id).wait_ms, Tails::kGraceMs + 1);
  tails_.close(kTag, id);
  EXPECT_EQ(told, 2);
  hub_.unsubscribe(ticket);
}

TEST_F(TailsTest, FiltersChooseByMethodStatusVersionAndHeader) {
  TailFilters methods;
  methods.methods = {"POST", "PUT"};
  TailFilters outcomes;
  outcomes.outcomes = {"exception", "canceled"};
  TailFilters version;
  version.version = kOther;
  TailFilters header;
  header.header_key = "x-user";
  header.header_query = "ada";
  TailFilters any_value;
  any_value.header_key = "x-user";
  const std::vector<std::string> ids = {open(methods), open(outcomes), open(version), open(header),
                                        open(any_value)};
  visit();
  visit(200, "POST");
  visit(0);
  visit(200, "GET", kOther);
  visit(200, "GET", kVersion, {{"x-user", "is ada"}});
  visit(200, "GET", kVersion, {{"x-user", "bob"}});
  print("outside any request", false, *Uuid::parse("33333333-3333-4333-8333-333333333333"));
  clock_.advance(Tails::kGraceMs);
  std::vector<std::size_t> counts;
  for (const std::string& id : ids) counts.push_back(tails_.news(id).events.size());
  EXPECT_EQ(counts, (std::vector<std::size_t>{1, 1, 1, 1, 2}));
}

TEST_F(TailsTest, ASamplingRateLeavesOutAboutSoMany) {
  TailFilters none;
  none.sampling_rate = 0;
  TailFilters some;
  some.sampling_rate = 0.3;
  const std::string silent = open(none);
  const std::string sampled = open(some);
  for (int i = 0; i < 900; ++i) visit();
  EXPECT_TRUE(events(silent).empty());
  const std::size_t count = events(sampled).size();
  EXPECT_GT(count, 200U);
  EXPECT_LT(count, 340U);
}

}  // namespace
}  // namespace kiln::workers
