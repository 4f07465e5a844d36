// Trigger match: event × triggers → builds or reasons. Pure: any thread.
// Order of the rules (Workers Builds docs, "Build branches" and "Build watch paths"): branch excludes, branch
// includes, skip markers, then path rules with their bypasses.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/scm_event.h"
#include "model/trigger.h"

namespace kiln::queue {

struct Match {
  const model::Trigger* trigger = nullptr;
  std::string skip;  // why the build is recorded as skipped, or empty: build it
};

// Triggers whose branch patterns do not match are left out. Deleted refs and tags match
// nothing. The caller has held the name against model/branch_name.h.
[[nodiscard]] std::vector<Match> match_push(
    const model::PushEvent& push, const std::vector<model::Trigger>& triggers,
    const std::function<model::ChangedFiles(const model::PushEvent&)>& files);

// The trigger that builds `branch` when nobody pushed it: the first that includes it by its full name, else
// the first whose patterns match; nullptr when none takes it.
[[nodiscard]] const model::Trigger* trigger_of_branch(const std::vector<model::Trigger>& triggers,
                                                      const std::string& branch);

}  // namespace kiln::queue
