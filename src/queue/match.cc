#include "queue/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/printable.h"

namespace kiln::queue {
namespace {

// The first of these as one list: "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& all, std::size_t shown) {
  std::string names;
  for (std::size_t i = 0; i < std::min(shown, all.size()); ++i) {
    names += (i == 0 ? "" : ", ") + printable(all[i]);
  }
  if (all.size() > shown) names += fmt::format(" and {} more", all.size() - shown);
  return names;
}

// "none of the 3 changed files matches the trigger's path patterns (a, b, c)".
std::string path_reason(const model::ChangedFiles& changed) {
  constexpr std::size_t shown = 3;
  return fmt::format("none of the {} changed files matches the trigger's path patterns ({})",
                     changed.paths.size(), listed(changed.paths, shown));
}

// Why no branch pattern takes it, or empty.
std::string branch_reason(const model::Trigger& trigger, const std::string& branch) {
  constexpr std::size_t shown = 8;
  if (const std::string* pattern = model::first_match(trigger.branch_excludes, branch))
    return fmt::format("the branch pattern {} excludes {}", printable(*pattern), printable(branch));
  if (trigger.branch_includes.empty()) return "the trigger includes no branch";
  if (model::first_match(trigger.branch_includes, branch) != nullptr) return {};
  return fmt::format("the branch patterns ({}) do not include {}", listed(trigger.branch_includes, shown),
                     printable(branch));
}

// Which rule lets these files be built.
std::string path_permission(const model::Trigger& trigger, const model::ChangedFiles& changed) {
  if (!changed.known) return "which files changed is not known";
  if (changed.paths.empty()) return "no file changed";
  if (changed.paths.size() >= model::kMaxFilesLookedAt)
    return fmt::format("{} or more files changed", model::kMaxFilesLookedAt);
  if (changed.commits >= model::kMaxCommitsLookedAt)
    return fmt::format("{} or more commits came", model::kMaxCommitsLookedAt);
  for (const std::string& path : changed.paths) {
    if (model::first_match(trigger.path_excludes, path) != nullptr) continue;
    if (const std::string* pattern = model::first_match(trigger.path_includes, path))
      return fmt::format("the path pattern {} includes {}", printable(*pattern), printable(path));
  }
  return {};
}

// Why no trigger builds this ref, whatever its patterns; or empty.
std::string ref_reason(const model::PushEvent& push) {
  if (push.branch().empty()) return printable(push.ref) + " is not a branch";
  return push.deleted() ? fmt::format("the branch {} was deleted", printable(push.branch())) : std::string();
}

}  // namespace

std::vector<Match> match_push(const model::PushEvent& push, const std::vector<model::Trigger>& triggers,
                              const std::function<model::ChangedFiles(const model::PushEvent&)>& files) {
  using model::Decision;
  std::vector<Match> matched;
  matched.reserve(triggers.size());
  const std::string branch = push.branch();
  const std::string none = ref_reason(push);
  const std::string marker = model::skip_marker(push.head_message);
  std::optional<model::ChangedFiles> changed;
  if (push.changed.known) changed = push.changed;
  for (const model::Trigger& trigger : triggers) {
    Match& match = matched.emplace_back(Match{&trigger, Decision::passed_over, none});
    if (!match.rule.empty()) continue;
    match.rule = branch_reason(trigger, branch);
    if (match.rule.empty() && trigger.paused)
      match = {&trigger, Decision::passed_over, kPausedRule, Match::Why::paused};
    if (!match.rule.empty()) continue;
    match.decision = Decision::skipped;
    if (push.skip_requested) {
      match.rule = "the push asked for it (git push -o ci.skip)";
      continue;
    }
    if (!marker.empty()) {
      match.rule = fmt::format("the commit message says {}", marker);
      continue;
    }
    match.rule =
        fmt::format("the branch pattern {} includes {}",
                    printable(*model::first_match(trigger.branch_includes, branch)), printable(branch));
    match.decision = Decision::built;
    if (!model::paths_restrict(trigger.path_includes, trigger.path_excludes)) continue;
    // A new branch that the host described no further, or a cut list: git is asked, once for all triggers.
    if (!changed) changed = files ? files(push) : model::ChangedFiles{};
    if (model::paths_match(trigger.path_includes, trigger.path_excludes, *changed)) {
      match.rule += ", and " + path_permission(trigger, *changed);
    } else {
      match = {&trigger, Decision::skipped, path_reason(*changed), Match::Why::paths};
    }
  }
  return matched;
}

std::vector<Match> passed_over_by_all(const std::vector<model::Trigger>& triggers, const std::string& rule) {
  std::vector<Match> matches;
  matches.reserve(triggers.size());
  for (const model::Trigger& trigger : triggers)
    matches.push_back({&trigger, model::Decision::passed_over, rule});
  return matches;
}

std::vector<Match> match_within(const std::string& why_not, std::vector<Match> matches) {
  for (Match& match : matches) {
    if (match.decision == model::Decision::built && !why_not.empty())
      match = {match.trigger, model::Decision::skipped, why_not};
  }
  return matches;
}

const model::Trigger* trigger_of_branch(const std::vector<model::Trigger>& triggers,
                                        const std::string& branch) {
  const model::Trigger* by_pattern = nullptr;
  for (const model::Trigger& trigger : triggers) {
    const std::vector<std::string>& includes = trigger.branch_includes;
    if (!model::branch_matches(includes, trigger.branch_excludes, branch)) continue;
    if (std::find(includes.begin(), includes.end(), branch) != includes.end()) return &trigger;
    if (by_pattern == nullptr) by_pattern = &trigger;
  }
  return by_pattern;
}

}  // namespace kiln::queue
