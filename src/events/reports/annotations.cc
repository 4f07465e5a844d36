#include "events/reports/annotations.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "base/printable.h"
#include "base/strings.h"
#include "model/log_search.h"

namespace kiln::events {
namespace {

constexpr std::size_t kMostAnnotations = 50;
constexpr std::size_t kLongestLookedAt = 1'000;  // bytes of a line
constexpr std::size_t kLongestSaid = 500;

// "path(3,7): error TS1: …" and "path:3:7 - error TS1: …" and "path:3:7: error: …".
std::optional<model::Annotation> on_one_line(const std::string& text) {
  static const RE2 parenthesis(R"(([^\s():][^():]*)\((\d{1,7}),\d+\): (error|warning) (.+))");
  static const RE2 colons(R"(([^\s:][^:]*):(\d{1,7}):\d+(?: -|:) (error|warning):? (.+))");
  model::Annotation found;
  std::string level;
  const bool fits = RE2::FullMatch(text, parenthesis, &found.path, &found.line, &level, &found.message) ||
                    RE2::FullMatch(text, colons, &found.path, &found.line, &level, &found.message);
  found.is_warning = level == "warning";
  return fits ? std::optional(found) : std::nullopt;
}

// The sound path from the repository's top, or empty.
std::string sound_path(std::string path, const std::string& root_directory) {
  while (path.starts_with("./")) path.erase(0, 2);
  if (path.empty() || path.front() == '/' || path.find('\\') != path.npos) return {};
  const std::vector<std::string> parts = split(path, '/');
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) return {};
  std::string root = root_directory;
  while (root.starts_with('/')) root.erase(0, 1);
  while (root.ends_with('/')) root.pop_back();
  return root.empty() ? path : root + "/" + path;
}

}  // namespace

void AnnotationReader::read(std::string_view line, bool service) {
  static const RE2 esbuild(R"(\s*(?:✘|▲) \[(ERROR|WARNING)\] (.+))");
  static const RE2 place(R"(\s+([^\s:][^:]*):(\d{1,7}):\d+:)");
  static const RE2 eslint(R"(\s+(\d{1,7}):\d+\s+(error|warning)\s+(.+))");
  static const RE2 path_alone(R"(([^\s:]+\.[A-Za-z]{1,6}))");
  if (service || is_full()) return;
  const std::string text = model::without_colours(line);
  if (text.size() > kLongestLookedAt) return;
  model::Annotation found;
  std::string level;
  if (const std::optional<model::Annotation> whole = on_one_line(text)) {
    add(*whole);
  } else if (RE2::FullMatch(text, esbuild, &level, &found.message)) {
    found.is_warning = level == "WARNING";
    pending_ = found;
  } else if (pending_ && RE2::FullMatch(text, place, &found.path, &found.line)) {
    add({found.path, found.line, pending_->message, pending_->is_warning});
    pending_.reset();
  } else if (RE2::FullMatch(text, path_alone, &found.path)) {
    file_ = found.path;
  } else if (!file_.empty() && RE2::FullMatch(text, eslint, &found.line, &level, &found.message)) {
    add({file_, found.line, found.message, level == "warning"});
  } else if (trim(text).empty()) {
    file_.clear();
  }
}

bool AnnotationReader::is_full() const {
  return all_.size() >= kMostAnnotations;
}

void AnnotationReader::add(model::Annotation found) {
  found.path = sound_path(printable(found.path), root_directory_);
  if (found.path.empty() || found.line < 1) return;
  found.message = printable(found.message, kLongestSaid);
  if (std::find(all_.begin(), all_.end(), found) == all_.end()) all_.push_back(std::move(found));
}

}  // namespace kiln::events
