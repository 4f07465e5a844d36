// Trigger match: event × triggers → a decision of each and the rule behind it. Pure: any thread.
// Order of the rules (Workers Builds docs, "Build branches" and "Build watch paths"): branch excludes, branch
// includes, whether it is paused, skip markers, then path rules with their bypasses.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/delivery.h"
#include "model/scm_event.h"
#include "model/trigger.h"

namespace kiln::queue {

// The rule of a trigger that would build it and is paused.
inline constexpr const char* kPausedRule = "the trigger is paused; kiln trigger resume lets it build again";

struct Match {
  enum class Why {
    other,
    paused,  // it would be built
    paths,   // no changed file is one of the trigger's
  };
  const model::Trigger* trigger = nullptr;
  model::Decision decision = model::Decision::passed_over;
  std::string rule;  // what decided, in words
  Why why = Why::other;
};

// One match a trigger, in their order: which of them build the push, record it as skipped, or pass it over.
// Deleted refs and tags are passed over by all. The caller has held the name against model/branch_name.h.
[[nodiscard]] std::vector<Match> match_push(
    const model::PushEvent& push, const std::vector<model::Trigger>& triggers,
    const std::function<model::ChangedFiles(const model::PushEvent&)>& files);

// One match a trigger: all pass it over by that rule.
[[nodiscard]] std::vector<Match> passed_over_by_all(const std::vector<model::Trigger>& triggers,
                                                    const std::string& rule);

// The same where no build may start now: what would be built is skipped, and `why_not` is the rule; empty:
// all may.
[[nodiscard]] std::vector<Match> match_within(const std::string& why_not, std::vector<Match> matches);

// The trigger that builds `branch` when nobody pushed it: the first that includes it by its full name, else
// the first whose patterns match; nullptr when none takes it.
[[nodiscard]] const model::Trigger* trigger_of_branch(const std::vector<model::Trigger>& triggers,
                                                      const std::string& branch);

}  // namespace kiln::queue
