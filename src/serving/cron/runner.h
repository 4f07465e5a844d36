// Calls Workers for their cron triggers: each at its minute, at least once. A run that fails is tried again,
// up to six times, unless the next one comes first; one that was missed while Kiln was down is run once. The
// runs of one Worker never overlap.
//
// Owned by app. start() spawns one thread that watches the time, and others that each wait for one run;
// stop() ends them: a run that is cut short comes again. Methods: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "serving/runtimes.h"
#include "store/route_resolver.h"
#include "store/schedule_store.h"

namespace kiln::serving {

struct CronOptions {
  int at_once = 8;                   // runs
  int run_timeout_ms = 15 * 60'000;  // of one run
  int first_retry_ms = 2'000;        // then twice as long each time
  std::uint64_t seed = 1;            // of the choice between the versions of a deployment
};

class CronRunner {
 public:
  // Everything passed by reference outlives it.
  CronRunner(store::ScheduleStore& schedules, store::RouteResolver& routes, Runtimes& runtimes,
             const Clock& clock, const CronOptions& options);
  ~CronRunner();
  CronRunner(const CronRunner&) = delete;
  CronRunner& operator=(const CronRunner&) = delete;

  void start();
  void stop();
  // Schedules have changed.
  void wake();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::serving
