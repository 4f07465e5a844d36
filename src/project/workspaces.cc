#include "project/workspaces.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/strings.h"
#include "project/json_file.h"

namespace kiln::project {
namespace {

namespace json = boost::json;
using Names = std::vector<std::string>;

constexpr std::size_t kMostPatterns = 200;
constexpr std::size_t kMostFolders = 32;

// "./apps//web/" → {"apps", "web"}
Names names_of(std::string_view path) {
  Names names;
  for (std::string& name : split(path, '/')) {
    if (!name.empty() && name != ".") names.push_back(std::move(name));
  }
  return names;
}

// `pattern` and `name` from their ends; a star takes as little as it can, and more only when it must.
bool name_matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;
  std::size_t taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && (pattern[p] == name[n] || pattern[p] == '?')) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

// Row by row over the pattern's names, so that many `**` cost no more than the product of both lengths.
bool path_matches(const Names& pattern, const Names& path) {
  std::vector<bool> reached(path.size() + 1, false);
  reached[0] = true;
  for (const std::string& name : pattern) {
    std::vector<bool> next(path.size() + 1, false);
    for (std::size_t i = 0; i <= path.size(); ++i) {
      if (name == "**") {
        next[i] = reached[i] || (i > 0 && next[i - 1]);
      } else if (i > 0) {
        next[i] = reached[i - 1] && name_matches(name, path[i - 1]);
      }
    }
    reached = std::move(next);
  }
  return reached[path.size()];
}

}  // namespace

std::vector<std::string> workspace_patterns(std::string_view package_json) {
  const Result<json::object> document = parse_json_file("package.json", package_json, JsonForm::strict);
  if (!document) return {};
  const json::value* field = document->if_contains("workspaces");
  if (field != nullptr && field->is_object()) field = field->get_object().if_contains("packages");
  if (field == nullptr || !field->is_array()) return {};
  std::vector<std::string> patterns;
  for (const json::value& item : field->get_array()) {
    if (item.is_string() && patterns.size() < kMostPatterns) patterns.emplace_back(item.get_string());
  }
  return patterns;
}

bool is_workspace_member(const std::vector<std::string>& patterns, std::string_view folder) {
  const Names path = names_of(folder);
  if (path.size() > kMostFolders) return false;
  bool is_member = false;
  for (const std::string& pattern : patterns) {
    const bool takes_out = pattern.starts_with('!');
    const Names names = names_of(std::string_view(pattern).substr(takes_out ? 1 : 0));
    if (names.size() <= kMostFolders && path_matches(names, path)) is_member = !takes_out;
  }
  return is_member;
}

}  // namespace kiln::project
