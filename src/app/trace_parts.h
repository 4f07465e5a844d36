// What a server tells an OpenTelemetry collector with, where the settings name one. Owned by Service, as one
// of its parts; start() and stop() from its thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "events/lanes.h"
#include "events/traces/exporter.h"
#include "store/outbox.h"
#include "store/sqlite/trace_store.h"
#include "store/story_store.h"
#include "store/version_store.h"

namespace kiln::app {

class TraceParts {
 public:
  struct Settings {
    std::string endpoint;  // empty: nobody is told
    std::string authorization;
  };
  // All outlive it.
  TraceParts(store::sqlite::Database& database, store::StoryStore& stories, store::VersionStore& versions,
             const Clock& clock, const Settings& settings);
  ~TraceParts() { stop(); }
  TraceParts(const TraceParts&) = delete;
  TraceParts& operator=(const TraceParts&) = delete;

  void start();
  void stop();
  // A build may be due.
  void wake() { lanes_.wake(); }

  // Adds the builds among the rows that a collector is to be told of.
  void add_wishes(const std::vector<store::OutboxRow>& rows, store::EventWishes& wishes) const;

 private:
  const bool on_;
  store::sqlite::SqliteTraceStore traces_;
  events::TraceExporter exporter_;
  events::Lanes lanes_;
};

}  // namespace kiln::app
