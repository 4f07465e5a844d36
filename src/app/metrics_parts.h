// What a server counts and shows to whoever scrapes it: the counters that its rooms' calls end in, what is
// read at a scrape, and GET /metrics. Owned by Service, as one of its parts, from before the rooms that it
// listens to until after them; each method says which threads call it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "api/runner/notes.h"
#include "base/clock.h"
#include "http/router.h"
#include "http/server.h"
#include "metrics/counts.h"
#include "metrics/exposition.h"
#include "store/outbox.h"
#include "store/sqlite/gauge_store.h"
#include "store/story_store.h"

namespace kiln::app {

class MetricsParts {
 public:
  struct Parts {
    store::sqlite::Database& database;
    store::StoryStore& stories;
    const api::RunnerNotes& notes;
    const Clock& clock;
    std::filesystem::path data;             // whose disk is looked at
    std::function<int()> worker_processes;  // asked at a scrape
    bool per_worker = false;
  };
  // All outlive it. The database tells it of its writes from then on.
  explicit MetricsParts(Parts parts);
  MetricsParts(const MetricsParts&) = delete;
  MetricsParts& operator=(const MetricsParts&) = delete;

  [[nodiscard]] metrics::Counts& counts() { return counts_; }
  // GET /metrics; the router is its own.
  [[nodiscard]] const http::Router& router() const { return router_; }

  // The outbox's reader, after it has handed these on: what ended and how it went.
  void handed_on(const std::vector<store::OutboxRow>& rows);
  // The API's I/O thread.
  void answered(const http::Answered& answered);
  // Any thread: a runner came for a build.
  void came(const wire::ClaimCall& call);

 private:
  void count_end(const store::OutboxRow& row);
  void read_server(std::vector<metrics::Reading>& out);

  Parts parts_;
  store::sqlite::SqliteGaugeStore gauges_;
  metrics::Counts counts_;
  metrics::Exposition exposition_;
  http::Router router_;
};

}  // namespace kiln::app
