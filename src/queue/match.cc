#include "queue/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/printable.h"

namespace kiln::queue {
namespace {

// "3 changed files, none of which the trigger's path patterns include: a, b, c".
std::string path_reason(const model::ChangedFiles& changed) {
  constexpr std::size_t shown = 3;
  std::string names;
  for (std::size_t i = 0; i < std::min(shown, changed.paths.size()); ++i) {
    names += (i == 0 ? "" : ", ") + printable(changed.paths[i]);
  }
  if (changed.paths.size() > shown) names += fmt::format(" and {} more", changed.paths.size() - shown);
  return fmt::format("none of the {} changed files matches the trigger's path patterns ({})",
                     changed.paths.size(), names);
}

}  // namespace

std::vector<Match> match_push(const model::PushEvent& push, const std::vector<model::Trigger>& triggers,
                              const std::function<model::ChangedFiles(const model::PushEvent&)>& files) {
  std::vector<Match> matched;
  const std::string branch = push.branch();
  if (push.deleted() || branch.empty()) return matched;
  const std::string marker = model::skip_marker(push.head_message);
  std::optional<model::ChangedFiles> changed;
  if (push.changed.known) changed = push.changed;
  for (const model::Trigger& trigger : triggers) {
    if (!model::branch_matches(trigger.branch_includes, trigger.branch_excludes, branch)) continue;
    Match match{&trigger, {}};
    if (push.skip_requested) {
      match.skip = "the push asked for it (git push -o ci.skip)";
    } else if (!marker.empty()) {
      match.skip = fmt::format("the commit message says {}", marker);
    } else if (model::paths_restrict(trigger.path_includes, trigger.path_excludes)) {
      // A new branch that the host described no further, or a cut list: git is asked, once for all triggers.
      if (!changed) changed = files ? files(push) : model::ChangedFiles{};
      if (!model::paths_match(trigger.path_includes, trigger.path_excludes, *changed)) {
        match.skip = path_reason(*changed);
      }
    }
    matched.push_back(std::move(match));
  }
  return matched;
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
