// What a source host is told of a build and of a pull request's builds: their state of now, in this house's
// words. Made by events/reports from the store, turned into each host's words by scm/forge. Values: any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

enum class ReportState {
  queued,
  waiting_for_approval,  // queued, until somebody of the repository approves a stranger's commit
  running,
  success,
  failure,
  cancelled,
  timed_out,
  skipped,
};

// Whether nothing more is to come, unless the build is run again.
[[nodiscard]] constexpr bool is_final(ReportState state) {
  return state != ReportState::queued && state != ReportState::waiting_for_approval &&
         state != ReportState::running;
}

// A line of a file at which a tool found fault.
struct Annotation {
  std::string path;  // from the top of the repository
  int line = 1;
  std::string message;
  bool is_warning = false;
  bool operator==(const Annotation&) const = default;
};

// Where the Worker's newest version of a build answers.
struct ReportedVersion {
  Uuid id;
  std::string preview_url;  // empty: it has none
  std::string alias_url;    // empty: it has none
};

struct BuildReport {
  Uuid build;
  std::string worker_name;
  std::string branch;
  std::string commit;
  ReportState state = ReportState::queued;
  TimeMs created_on = 0;
  std::optional<TimeMs> started_on;
  std::optional<TimeMs> stopped_on;
  std::string sentence;     // what happened, in one
  std::string reason;       // of one that was terminated: what ended it; else empty
  std::string build_url;    // of its page
  std::string worker_url;   // of its Worker's page
  std::string details_url;  // of its page again, in the form that the hosted service's checks lead to
  std::optional<ReportedVersion> version;
  std::string log_tail;  // the last lines, masked and without colours
  std::vector<Annotation> annotations;
};

// One Worker's newest build of a pull request, as a row of its comment.
struct PullRequestRow {
  std::string worker_name;
  std::string commit;
  ReportState state = ReportState::queued;
  std::string details_url;
  std::string preview_url;
  std::string alias_url;
  TimeMs updated_on = 0;
};

}  // namespace kiln::model
