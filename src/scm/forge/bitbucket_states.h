// What both kinds of Bitbucket call the states of a build, and the key by which they know one. Only for
// scm/forge. Pure; any thread.
#pragma once

#include <string>

#include "base/hash.h"
#include "model/build_report.h"
#include "scm/forge/report_words.h"

namespace kiln::scm {

[[nodiscard]] inline const char* bitbucket_state(model::ReportState state, const char* cancelled) {
  switch (state) {
    case model::ReportState::queued:
    case model::ReportState::waiting_for_approval:
    case model::ReportState::running:
      return "INPROGRESS";
    case model::ReportState::success:
    case model::ReportState::skipped:
      return "SUCCESSFUL";
    case model::ReportState::failure:
    case model::ReportState::timed_out:
      return "FAILED";
    case model::ReportState::cancelled:
      return cancelled;
  }
  return "FAILED";
}

// At most 40 characters, one for each Worker: telling again takes the place of what was told.
[[nodiscard]] inline std::string bitbucket_key(const model::BuildReport& report) {
  constexpr std::size_t kLongestKey = 40;
  std::string key = "kiln-" + report.worker_name;
  return key.size() <= kLongestKey ? key : "kiln-" + sha256_hex(report.worker_name).substr(0, 32);
}

}  // namespace kiln::scm
