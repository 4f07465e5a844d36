// Versions of tools and what projects ask for: "22", "v22.11.0", "^20.1 || >=22". Pure; any thread.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runner {

struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const Version&) const = default;  // NOLINT(modernize-use-nullptr): a false alarm
  // Exactly "1.2.3" or "v1.2.3"; prereleases are not versions to us.
  [[nodiscard]] static std::optional<Version> parse(std::string_view text);
  [[nodiscard]] std::string str() const;
};

// "node", "latest", "current", "stable": the newest release there is.
[[nodiscard]] bool is_newest_word(std::string_view text);

// A set of versions: npm's ranges (comparators, ^, ~, x, ||, "A - B"; a bound's prerelease counts as its
// release) and the words for the newest release.
class VersionRange {
 public:
  // Nothing when it is not understood.
  [[nodiscard]] static std::optional<VersionRange> parse(std::string_view text);
  [[nodiscard]] static VersionRange of_major(int major);

  [[nodiscard]] bool contains(const Version& version) const;
  // The highest of them that the range contains.
  [[nodiscard]] std::optional<Version> best_of(const std::vector<Version>& versions) const;

 private:
  // Versions from `from` (included) to `to` (excluded).
  struct Span {
    Version from;
    Version to;
  };
  struct Set {
    std::vector<Span> spans;  // all of them must hold
  };
  static bool add_comparator(std::string_view text, Set& set);

  std::vector<Set> any_;
};

}  // namespace kiln::runner
