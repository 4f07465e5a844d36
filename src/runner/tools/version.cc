#include "runner/tools/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/strings.h"

namespace kiln::runner {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();
constexpr Version kEnd{kMost, kMost, kMost};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 1'000'000)
    return std::nullopt;
  return value;
}

// "1", "1.2", "1.x", "1.2.3", "*": how many parts are fixed, and the lowest version.
struct Partial {
  int parts = 0;
  Version low;
};

std::optional<Partial> parse_partial(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  Partial partial;
  const std::array<int*, 3> slots{&partial.low.major, &partial.low.minor, &partial.low.patch};
  const std::vector<std::string> pieces = split(text, '.');
  if (pieces.size() > slots.size()) return std::nullopt;
  bool open = false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i] == "x" || pieces[i] == "X" || pieces[i] == "*") {
      open = true;
      continue;
    }
    const std::optional<int> value = number(pieces[i]);
    if (!value || open) return std::nullopt;
    *slots[i] = *value;
    ++partial.parts;
  }
  return partial;
}

// The first version above everything that the partial one covers.
Version after(const Partial& partial) {
  switch (partial.parts) {
    case 0:
      return kEnd;
    case 1:
      return {partial.low.major + 1, 0, 0};
    case 2:
      return {partial.low.major, partial.low.minor + 1, 0};
    default:
      return {partial.low.major, partial.low.minor, partial.low.patch + 1};
  }
}

Version caret_end(const Partial& partial) {
  const Version& low = partial.low;
  if (partial.parts == 0) return kEnd;
  if (low.major > 0 || partial.parts == 1) return {low.major + 1, 0, 0};
  if (low.minor > 0 || partial.parts == 2) return {0, low.minor + 1, 0};
  return {0, 0, low.patch + 1};
}

Version tilde_end(const Partial& partial) {
  if (partial.parts == 0) return kEnd;
  if (partial.parts == 1) return {partial.low.major + 1, 0, 0};
  return {partial.low.major, partial.low.minor + 1, 0};
}

// "> 1" → ">1", so that blanks separate comparators only.
std::string without_inner_blanks(std::string_view text) {
  std::string out;
  for (const char character : text) {
    const bool after_operator =
        !out.empty() && std::string_view("<>=^~").find(out.back()) != std::string_view::npos;
    if (character == ' ' && (after_operator || out.empty())) continue;
    out.push_back(character);
  }
  return out;
}

// "18 - 20.1" → ">=18 <=20.1"
std::string without_hyphen(std::string_view text) {
  constexpr std::string_view kHyphen = " - ";
  const std::size_t at = text.find(kHyphen);
  if (at == text.npos) return std::string(text);
  return fmt::format(">={} <={}", trim(text.substr(0, at)), trim(text.substr(at + kHyphen.size())));
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  const std::optional<Partial> partial = parse_partial(text);
  if (!partial || partial->parts != 3) return std::nullopt;
  return partial->low;
}

std::string Version::str() const {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

bool is_newest_word(std::string_view text) {
  const std::string wish = to_lower(trim(text));
  return wish == "node" || wish == "latest" || wish == "current" || wish == "stable";
}

bool VersionRange::add_comparator(std::string_view text, Set& set) {
  std::string_view sign = text.substr(0, std::min(text.find_first_not_of("<>=^~"), text.size()));
  text.remove_prefix(sign.size());
  // ">=20.0.0-0" means the same as without its end, as far as releases go; "20.0.0-rc.1" is no release.
  const bool is_bound = !sign.empty() && sign.find_first_of("<>^~") != sign.npos;
  if (is_bound) text = text.substr(0, text.find_first_of("-+"));
  const std::optional<Partial> partial = parse_partial(text);
  if (!partial) return false;
  const Version end = after(*partial);
  if (sign.empty() || sign == "=" || sign == "==") {
    set.spans.push_back({partial->low, end});
  } else if (sign == "^") {
    set.spans.push_back({partial->low, caret_end(*partial)});
  } else if (sign == "~" || sign == "~>" || sign == "~=") {
    set.spans.push_back({partial->low, tilde_end(*partial)});
  } else if (sign == ">=") {
    set.spans.push_back({partial->low, kEnd});
  } else if (sign == ">") {
    set.spans.push_back({end, kEnd});
  } else if (sign == "<=") {
    set.spans.push_back({{}, end});
  } else if (sign == "<") {
    set.spans.push_back({{}, partial->low});
  } else {
    return false;
  }
  return true;
}

VersionRange VersionRange::of_major(int major) {
  VersionRange range;
  range.any_.push_back({{{{major, 0, 0}, {major + 1, 0, 0}}}});
  return range;
}

std::optional<VersionRange> VersionRange::parse(std::string_view text) {
  const std::string wish = to_lower(trim(text));
  if (wish.empty() || wish.size() > 256) return std::nullopt;
  VersionRange range;
  if (is_newest_word(wish)) {
    range.any_.push_back({{{{}, kEnd}}});
    return range;
  }
  std::string_view rest = wish;
  while (true) {
    const std::size_t bar = rest.find("||");
    Set set;
    for (const std::string& comparator :
         split(without_inner_blanks(without_hyphen(trim(rest.substr(0, bar)))), ' ')) {
      if (!comparator.empty() && !add_comparator(comparator, set)) return std::nullopt;
    }
    if (set.spans.empty()) return std::nullopt;
    range.any_.push_back(std::move(set));
    if (bar == rest.npos) return range;
    rest.remove_prefix(bar + 2);
  }
}

bool VersionRange::contains(const Version& version) const {
  return std::any_of(any_.begin(), any_.end(), [&](const Set& set) {
    return std::all_of(set.spans.begin(), set.spans.end(),
                       [&](const Span& span) { return span.from <= version && version < span.to; });
  });
}

std::optional<Version> VersionRange::best_of(const std::vector<Version>& versions) const {
  std::optional<Version> best;
  for (const Version& version : versions) {
    if (contains(version) && (!best || *best < version)) best = version;
  }
  return best;
}

}  // namespace kiln::runner
