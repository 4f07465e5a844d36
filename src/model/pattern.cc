#include "model/pattern.h"

#include <algorithm>

namespace kiln::model {
namespace {

constexpr std::size_t kLongestPattern = 1024;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
  return first_match(patterns, text) != nullptr;
}

}  // namespace

Status check_pattern(std::string_view pattern) {
  if (pattern.empty()) return fail(Errc::invalid, "a pattern must not be empty; use * to match everything");
  if (pattern.size() > kLongestPattern) return fail(Errc::invalid, "a pattern is at most 1024 bytes long");
  if (std::any_of(pattern.begin(), pattern.end(), is_control)) {
    return fail(Errc::invalid, "a pattern must not hold control characters");
  }
  const auto stars = std::count(pattern.begin(), pattern.end(), '*');
  if (stars > 1) return fail(Errc::invalid, "a pattern has at most one *");
  if (stars == 1 && pattern.front() != '*' && pattern.back() != '*') {
    return fail(Errc::invalid, "a * may stand only at the start or at the end of a pattern");
  }
  return {};
}

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    pattern.remove_prefix(1);
    return text.size() >= pattern.size() && text.substr(text.size() - pattern.size()) == pattern;
  }
  if (pattern.back() == '*') {
    pattern.remove_suffix(1);
    return text.substr(0, pattern.size()) == pattern;
  }
  return pattern == text;
}

const std::string* first_match(const std::vector<std::string>& patterns, std::string_view text) {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const std::string& pattern) { return matches(pattern, text); });
  return found == patterns.end() ? nullptr : &*found;
}

bool branch_matches(const std::vector<std::string>& includes, const std::vector<std::string>& excludes,
                    std::string_view branch) {
  return !any_matches(excludes, branch) && any_matches(includes, branch);
}

bool paths_match(const std::vector<std::string>& includes, const std::vector<std::string>& excludes,
                 const ChangedFiles& changed) {
  if (!changed.known || changed.paths.empty() || changed.paths.size() >= kMaxFilesLookedAt ||
      changed.commits >= kMaxCommitsLookedAt) {
    return true;
  }
  return std::any_of(changed.paths.begin(), changed.paths.end(), [&](const std::string& path) {
    return !any_matches(excludes, path) && any_matches(includes, path);
  });
}

bool paths_restrict(const std::vector<std::string>& includes, const std::vector<std::string>& excludes) {
  return !excludes.empty() || std::find(includes.begin(), includes.end(), "*") == includes.end();
}

}  // namespace kiln::model
