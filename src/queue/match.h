// Trigger match: event × triggers → a decision of each and the rule behind it. Pure: any thread.
// Order of the rules (Workers Builds docs, "Build branches" and "Build watch paths"): branch excludes, branch
// includes, skip markers, then path rules with their bypasses.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/delivery.h"
#include "model/scm_event.h"
#include "model/trigger.h"

namespace kiln::queue {

struct Match {
  const model::Trigger* trigger = nullptr;
  model::Decision decision = model::Decision::passed_over;
  std::string rule;  // what decided, in words
};

// One match a trigger, in their order: which of them build the push, record it as skipped, or pass it over.
// Deleted refs and tags are passed over by all. The caller has held the name against model/branch_name.h.
[[nodiscard]] std::vector<Match> match_push(
    const model::PushEvent& push, const std::vector<model::Trigger>& triggers,
    const std::function<model::ChangedFiles(const model::PushEvent&)>& files);

// The same where no build may start now: what would be built is skipped, and `why_not` is the rule; empty:
// all may.
[[nodiscard]] std::vector<Match> match_within(const std::string& why_not, std::vector<Match> matches);

// The trigger that builds `branch` when nobody pushed it: the first that includes it by its full name, else
// the first whose patterns match; nullptr when none takes it.
[[nodiscard]] const model::Trigger* trigger_of_branch(const std::vector<model::Trigger>& triggers,
                                                      const std::string& branch);

}  // namespace kiln::queue
