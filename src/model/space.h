// How what bindings keep is called where it is kept: after its owner, a KV namespace's, D1 database's or R2
// bucket's id, or `<owner>.<version>`: the copy of its own that a version has which may never be live.
// Values: any thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace kiln::model {

struct Space {
  std::string owner;
  std::string copy;  // the version; empty: what the account has
};

[[nodiscard]] inline std::string space_name(std::string_view owner, std::string_view copy) {
  return copy.empty() ? std::string(owner) : std::string(owner) + '.' + std::string(copy);
}

// Whether something may be called so: of ids and a point alone, so that it leads nowhere else as a file's
// name.
[[nodiscard]] inline bool may_be_space(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-' || c == '.';
  });
}

[[nodiscard]] inline Space read_space(std::string_view name) {
  const std::size_t point = name.find('.');
  if (point == std::string_view::npos) return {std::string(name), {}};
  return {std::string(name.substr(0, point)), std::string(name.substr(point + 1))};
}

}  // namespace kiln::model
