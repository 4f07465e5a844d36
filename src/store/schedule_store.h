// Port: when Workers are to be called for their cron triggers. The store's clock says what is due. Owned by
// app; every method is one durable transaction and safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::store {

// One cron trigger of a Worker, and its next run.
struct Schedule {
  std::string account_id;
  std::string worker_tag;
  std::string worker_name;
  std::string cron;
  TimeMs due_on = 0;  // the time that it is for; 0: nobody has worked it out yet
  int attempts = 0;   // of this run, that failed
};

// How a run is done with.
struct RunEnd {
  TimeMs due_on = 0;    // of the run
  TimeMs next_on = 0;   // the next one's
  std::string outcome;  // "ok", "exception", …; empty: there was none
};

struct DueSchedules {
  std::vector<Schedule> now;
  TimeMs next_in_ms = 0;  // of those that are not among them
};

class ScheduleStore {
 public:
  virtual ~ScheduleStore() = default;

  // Those whose time has come, the longest overdue first, at most `limit`, and how long until the next one's,
  // at most `longest_ms`.
  [[nodiscard]] virtual Result<DueSchedules> due(int limit, TimeMs longest_ms) = 0;
  // The run is over. Nothing happens when the schedule is gone or is for another time by now.
  [[nodiscard]] virtual Status end_run(const std::string& worker_tag, const std::string& cron,
                                       const RunEnd& end) = 0;
  // The run failed, and is due again after `delay_ms`. Nothing happens as above.
  [[nodiscard]] virtual Status retry_run(const std::string& worker_tag, const std::string& cron,
                                         TimeMs due_on, TimeMs delay_ms) = 0;
  // It can never run: taken off the list of those that are due.
  [[nodiscard]] virtual Status drop(const std::string& worker_tag, const std::string& cron) = 0;
};

}  // namespace kiln::store
