// Who is taken when: the place of each build that waits, why it waits, and when it may start, by how long
// builds take as a rule. The same order as store::BuildQueue::claim, foretold. Pure; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/story_store.h"

namespace kiln::api::progress {

enum class WaitReason { no_runner, paused, slots, branch, minutes, approval, next };
[[nodiscard]] std::string_view to_string(WaitReason reason);

struct WaitingBuild {
  std::size_t index = 0;  // of the build among those that were given
  WaitReason reason = WaitReason::next;
  std::string sentence;
  int position = 1;
  std::optional<Uuid> behind;         // with `branch`
  std::optional<TimeMs> starts_on{};  // nothing: not known
};

struct LineFacts {
  int slots = 1;
  std::optional<std::string> no_builds;    // why no runner takes builds
  std::optional<std::string> no_minutes;   // why the account may start none
  std::map<std::string, TimeMs> usual_ms;  // by Worker's tag
  TimeMs now = 0;
};

// `open`: the account's builds that are not over, oldest first. Those that wait, in the order in which they
// are taken; those that a maintainer has yet to approve come last.
[[nodiscard]] std::vector<WaitingBuild> line_of(const std::vector<store::OpenBuild>& open,
                                                const LineFacts& facts);

}  // namespace kiln::api::progress
