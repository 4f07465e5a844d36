#include "model/scm_event.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace kiln::model {

namespace {

// The first line with words in it.
std::string_view subject_of(std::string_view message) {
  const std::size_t start = message.find_first_not_of(" \t\r\n");
  if (start == message.npos) return {};
  message.remove_prefix(start);
  return message.substr(0, message.find_first_of("\r\n"));
}

// "revert "x"", "revert: x", "revert(scope): x", but not "reverting".
bool is_revert(std::string_view subject) {
  constexpr std::string_view word = "revert";
  if (!subject.starts_with(word)) return false;
  return subject.size() == word.size() || subject[word.size()] < 'a' || subject[word.size()] > 'z';
}

bool is_quoted(std::string_view subject, std::size_t at) {
  const std::string_view before = subject.substr(0, at);
  return std::count(before.begin(), before.end(), '"') % 2 == 1 ||
         std::count(before.begin(), before.end(), '`') % 2 == 1;
}

}  // namespace

std::string PushEvent::branch() const {
  constexpr std::string_view heads = "refs/heads/";
  if (ref.compare(0, heads.size(), heads) != 0) return {};
  return ref.substr(heads.size());
}

std::string skip_marker(std::string_view head_message) {
  constexpr std::array<std::string_view, 6> markers = {"[skip ci]", "[ci skip]",       "[skip-ci]",
                                                       "[ci-skip]", "[cf-pages-skip]", "[cf-workers-skip]"};
  const std::string subject = to_lower(subject_of(head_message));
  if (is_revert(subject)) return {};
  for (const std::string_view marker : markers) {
    for (std::size_t at = subject.find(marker); at != subject.npos; at = subject.find(marker, at + 1)) {
      if (!is_quoted(subject, at)) return std::string(marker);
    }
  }
  return {};
}

}  // namespace kiln::model
