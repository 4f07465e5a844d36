#include "project/toml_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln::project {
namespace {

constexpr std::size_t kDeepestToml = 64;
constexpr std::size_t kMostDotsInALine = 64;

// Where the string that begins at `from` ends; for one that does not end, the end of its line or of the text.
std::size_t end_of_string(std::string_view text, std::size_t from) {
  const char quote = text[from];
  const std::string three(3, quote);
  const bool long_form = text.substr(from).starts_with(three);
  std::size_t at = from + (long_form ? 3 : 1);
  while (at < text.size()) {
    if (text[at] == '\\' && quote == '"') {
      at += 2;
    } else if (long_form && text.substr(at).starts_with(three)) {
      return at + 3;
    } else if (!long_form && text[at] == quote) {
      return at + 1;
    } else if (!long_form && text[at] == '\n') {
      return at;
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

Status check_toml_depth(const std::string& file, std::string_view text) {
  std::size_t depth = 0;
  std::size_t dots = 0;
  std::size_t at = 0;
  const auto too_deep = [&](const std::string& why) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    return fail(Errc::invalid, fmt::format("{}, line {}: {}", file, line, why));
  };
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
      case '\'':
        at = end_of_string(text, at);
        continue;
      case '#':
        at = std::min(text.find('\n', at), text.size());
        continue;
      case '\n':
        dots = 0;
        break;
      case '.':
        if (++dots > kMostDotsInALine)
          return too_deep(fmt::format("more than {} dots in keys", kMostDotsInALine));
        break;
      case '[':
      case '{':
        if (++depth > kDeepestToml)
          return too_deep(fmt::format("nested deeper than {} levels", kDeepestToml));
        break;
      case ']':
      case '}':
        if (depth > 0) --depth;
        break;
      default:
        break;
    }
    ++at;
  }
  return {};
}

}  // namespace kiln::project
