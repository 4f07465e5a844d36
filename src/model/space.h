// How what bindings keep is called where it is kept: after its owner, a KV namespace's, D1 database's or R2
// bucket's id, or `<owner>.<version>`: the copy of its own that a version has which may never be live.
// Values: any thread.
#pragma once

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

[[nodiscard]] inline Space read_space(std::string_view name) {
  const std::size_t point = name.find('.');
  if (point == std::string_view::npos) return {std::string(name), {}};
  return {std::string(name.substr(0, point)), std::string(name.substr(point + 1))};
}

}  // namespace kiln::model
