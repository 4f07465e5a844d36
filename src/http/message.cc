#include "http/message.h"

#include <algorithm>
#include <cstring>

namespace kiln::http {
namespace {

template <typename Pairs>
auto find_first(const Pairs& pairs, std::string_view name) {
  return std::find_if(pairs.begin(), pairs.end(), [&](const auto& entry) { return entry.first == name; });
}

}  // namespace

SharedBytes SharedBytes::copy_of(std::string_view text) {
  const auto bytes = std::make_shared_for_overwrite<char[]>(text.size());
  std::memcpy(bytes.get(), text.data(), text.size());
  return {bytes, text.size()};
}

void SharedParts::add(SharedBytes bytes) {
  parts.push_back(bytes.view());
  owners.push_back(std::move(bytes.bytes));
}

void SharedParts::clear() {
  parts.clear();
  owners.clear();
}

std::size_t SharedParts::size() const {
  std::size_t total = 0;
  for (const std::string_view part : parts) total += part.size();
  return total;
}

std::size_t Response::size() const {
  return body.size() + shared.size() + tail.size();
}

void Response::flatten() {
  if (shared.empty() && tail.empty()) return;
  body.reserve(size());
  for (const std::string_view part : shared.parts) body.append(part);
  body.append(tail);
  shared.clear();
  tail.clear();
}

void Request::clear() {
  method.clear();
  path.clear();
  segments.clear();
  query.clear();
  headers.clear();
  body.clear();
  sink.reset();
  params.clear();
  pattern = {};
  last_try = false;
  id.clear();
  token_hash.clear();
  caller = 0;
}

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
  const auto found = find_first(params, name);
  return found == params.end() ? std::string() : found->second;
}

}  // namespace kiln::http
