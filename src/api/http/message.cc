#include "api/http/message.h"

#include <algorithm>

namespace kiln::http {
namespace {

template <typename Pairs>
auto find_first(const Pairs& pairs, std::string_view name) {
  return std::find_if(pairs.begin(), pairs.end(), [&](const auto& entry) { return entry.first == name; });
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = find_first(headers, name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  const auto found = find_first(query, name);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

std::string Request::param(const std::string& name) const {
  const auto found = params.find(name);
  return found == params.end() ? std::string() : found->second;
}

}  // namespace kiln::http
