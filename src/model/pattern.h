// Branch and path patterns of triggers. A pattern is exact, or has one `*` at its start, at its end or alone;
// `*` also matches `/`. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kiln::model {

// Errors: Errc::invalid with the rule in words (empty, a `*` in the middle, two `*`, a control character,
// over 1,024 bytes); `field` is left to the caller.
[[nodiscard]] Status check_pattern(std::string_view pattern);

[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

// The pattern that decides; nullptr: none matches.
[[nodiscard]] const std::string* first_match(const std::vector<std::string>& patterns, std::string_view text);

// Excludes first, then includes.
[[nodiscard]] bool branch_matches(const std::vector<std::string>& includes,
                                  const std::vector<std::string>& excludes, std::string_view branch);

// What a push changed, as far as the path rules need it. `known` false (a dead host, a shallow history)
// counts as "everything may have changed".
struct ChangedFiles {
  bool known = false;
  std::vector<std::string> paths;
  std::size_t commits = 0;
};

inline constexpr std::size_t kMaxFilesLookedAt = 3'000;  // at this many changed files path rules are bypassed
inline constexpr std::size_t kMaxCommitsLookedAt = 20;   // at this many commits path rules are bypassed

// True when the push must be built: unknown, 0 or >= 3,000 changed files, >= 20 commits, or a file that no
// exclude and some include matches.
[[nodiscard]] bool paths_match(const std::vector<std::string>& includes,
                               const std::vector<std::string>& excludes, const ChangedFiles& changed);

// True when these rules could ever skip a push, so that the changed files are worth finding out.
[[nodiscard]] bool paths_restrict(const std::vector<std::string>& includes,
                                  const std::vector<std::string>& excludes);

}  // namespace kiln::model
