// Trigger match: event × triggers → builds or reasons. Pure: any thread.
// Order of the rules (Workers Builds docs, "Build branches" and "Build watch paths"): branch excludes, branch
// includes, skip markers, then path rules with their bypasses.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/scm_event.h"
#include "model/trigger.h"

namespace kiln::queue {

struct Match {
  const model::Trigger* trigger = nullptr;
  std::string skip;  // why the build is recorded as skipped, or empty: build it
};

// Triggers whose branch patterns do not match are left out. Deleted refs and tags match nothing.
[[nodiscard]] std::vector<Match> match_push(
    const model::PushEvent& push, const std::vector<model::Trigger>& triggers,
    const std::function<model::ChangedFiles(const model::PushEvent&)>& files);

}  // namespace kiln::queue
