#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "metrics/exposition.h"
#include "metrics/open_metrics.h"
#include "metrics/process_readings.h"
#include "metrics/store_readings.h"

namespace kiln::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Scrape : ::testing::Test {
  Counts counts{{}};
  Exposition exposition{counts};
  std::string text() const { return exposition.write(Form::prometheus_text); }
  std::string open() const { return exposition.write(Form::open_metrics); }
};

TEST_F(Scrape, CountsBuildsByOutcomeAlone) {
  counts.build_ended({"a1", "shop"}, model::BuildOutcome::success);
  counts.build_ended({"a2", "blog"}, model::BuildOutcome::success);
  counts.build_waited(3);
  counts.step_ended(model::StepName::build, model::StepState::failed, 42);
  EXPECT_THAT(text(), HasSubstr("kiln_builds_total{outcome=\"success\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_builds_total{outcome=\"fail\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_build_queue_seconds_bucket{le=\"5\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_build_step_seconds_sum{end=\"failed\",step=\"build\"} 42\n"));
  EXPECT_THAT(text(), Not(HasSubstr("shop")));
}

TEST(WorkersLabels, AreThereWhereTheyAreWantedAndBounded) {
  Counts counts{{.per_worker = true, .most_workers = 2}};
  Exposition exposition{counts};
  for (const char* worker : {"one", "two", "three", "four", "one"}) {
    counts.worker_request({"a", worker}, 200, true);
    counts.build_ended({"a", worker}, model::BuildOutcome::fail);
  }
  const std::string text = exposition.write(Form::prometheus_text);
  EXPECT_THAT(text, HasSubstr("kiln_worker_requests_total{account=\"a\",code=\"2xx\",worker=\"one\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("worker=\"two\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("kiln_worker_requests_total{account=\"(others)\",code=\"2xx\",worker=\"(others)\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("three")));
}

TEST_F(Scrape, KnowsAWorkersErrorFromOneThatItDidNotAnswer) {
  counts.worker_request({"a", "w"}, 500, true);
  counts.worker_request({"a", "w"}, 503, false);
  counts.worker_request({"a", "w"}, 404, false);
  EXPECT_THAT(text(), HasSubstr("kiln_worker_requests_total{code=\"5xx\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_worker_errors_total 1\n"));
}

TEST_F(Scrape, CountsRequestsByTemplateAndLeavesWaitsOutOfTheirTimes) {
  const int route = 0;
  counts.request(&route, "GET", "/builds/{id}", 200, 0.002);
  counts.request(&route, "GET", "/builds/{id}", 200, std::nullopt);
  counts.request(&route, "GET", "/builds/{id}", 404, 0.2);
  EXPECT_THAT(text(),
              HasSubstr(R"(kiln_http_requests_total{code="200",method="GET",route="/builds/{id}"} 2)"));
  EXPECT_THAT(text(),
              HasSubstr(R"(kiln_http_requests_total{code="404",method="GET",route="/builds/{id}"} 1)"));
  EXPECT_THAT(text(),
              HasSubstr(R"(kiln_http_request_duration_seconds_count{method="GET",route="/builds/{id}"} 2)"));
}

TEST_F(Scrape, SumsWhatRunnersTellAlsoOfThoseThatBeginAnew) {
  counts.sandboxes("r", {5, 4, 1});
  counts.sandboxes("r", {5, 4, 1});
  counts.sandboxes("r", {7, 5, 1});
  counts.sandboxes("r", {1, 0, 0});
  EXPECT_THAT(text(), HasSubstr("kiln_sandboxes_total{fate=\"prepared\"} 8\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_sandboxes_total{fate=\"used\"} 5\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_sandboxes_total{fate=\"dropped\"} 1\n"));
}

TEST_F(Scrape, CachesShowHitsAndTheirBytes) {
  counts.cache_used({model::CacheKind::dependencies, true, model::CacheKept::unchanged, 1000});
  counts.cache_used({model::CacheKind::dependencies, false, model::CacheKept::saved, 2000});
  EXPECT_THAT(text(), HasSubstr("kiln_cache_lookups_total{kind=\"dependencies\",result=\"hit\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_cache_lookups_total{kind=\"dependencies\",result=\"miss\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("kiln_cache_restored_bytes_total{kind=\"dependencies\"} 1000\n"));
}

TEST_F(Scrape, OpenMetricsNamesUnitsAndEnds) {
  counts.cache_used({model::CacheKind::output, true, model::CacheKept::saved, 7});
  counts.written(0.003);
  counts.delivery("git\"\n", "taken");
  EXPECT_THAT(open(), HasSubstr("# TYPE kiln_cache_restored_bytes counter\n"
                                "# UNIT kiln_cache_restored_bytes bytes\n"
                                "# HELP kiln_cache_restored_bytes "));
  EXPECT_THAT(open(), HasSubstr("\nkiln_cache_restored_bytes_total{kind=\"output\"} 7\n"));
  EXPECT_THAT(open(), HasSubstr("# UNIT kiln_sqlite_write_seconds seconds\n"));
  EXPECT_THAT(open(), HasSubstr("kiln_sqlite_write_seconds_bucket{le=\"1.0\"} 1\n"));
  EXPECT_THAT(open(), HasSubstr("kiln_sqlite_write_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_THAT(open(), HasSubstr(R"(kiln_hook_deliveries_total{provider="git\"\n",result="taken"} 1)"));
  EXPECT_TRUE(open().ends_with("\n# EOF\n"));
}

TEST_F(Scrape, EachMetricHasHelpAndAUnit) {
  exposition.add(read_process);
  exposition.add([](std::vector<Reading>& out) { read_store({}, 0, out); });
  counts.worker_started({"a", "w"}, 1);
  constexpr std::array units = {"_seconds", "_bytes", "_builds", "_rows", "_threads", "_fds", "_total"};
  int seen = 0;
  std::string all = text();
  for (std::size_t at = all.find("# TYPE "); at != std::string::npos; at = all.find("# TYPE ", at + 1)) {
    const std::string name = all.substr(at + 7, all.find(' ', at + 7) - at - 7);
    EXPECT_TRUE(std::any_of(units.begin(), units.end(), [&](const char* u) { return name.ends_with(u); }))
        << name;
    EXPECT_THAT(all, HasSubstr("# HELP " + name + " "));
    ++seen;
  }
  EXPECT_GT(seen, 23);
  EXPECT_THAT(all, HasSubstr("process_resident_memory_bytes "));
}

TEST(StoreReadings, TellHowLongTheFirstHasWaited) {
  store::Gauges gauges;
  gauges.waiting = 3;
  gauges.oldest_waiting = 1'000;
  gauges.oldest_outbox = 99'000;
  std::vector<Reading> out;
  read_store(gauges, 31'000, out);
  const auto value = [&out](std::string_view name) {
    const auto found = std::find_if(out.begin(), out.end(), [&](const Reading& r) { return r.name == name; });
    return found == out.end() ? -1 : found->samples.at(0).value;
  };
  EXPECT_EQ(value("kiln_queue_builds"), 3);
  EXPECT_EQ(value("kiln_queue_oldest_wait_seconds"), 30);
  EXPECT_EQ(value("kiln_outbox_oldest_age_seconds"), 0);  // a clock that was set back
  EXPECT_EQ(value("kiln_reports_due_age_seconds"), 0);
}

TEST(ScrapeForm, IsWhatTheScraperAsksFor) {
  EXPECT_EQ(form_for(""), Form::prometheus_text);
  EXPECT_EQ(form_for("text/plain"), Form::prometheus_text);
  EXPECT_EQ(form_for("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"), Form::open_metrics);
}

TEST(UnitOf, IsTheLastWordOfTheName) {
  EXPECT_EQ(unit_of("a_seconds"), "seconds");
  EXPECT_EQ(unit_of("a_bytes_total"), "bytes");
  EXPECT_EQ(unit_of("a_total"), "");
  EXPECT_EQ(unit_of("seconds"), "");
}

}  // namespace
}  // namespace kiln::metrics
