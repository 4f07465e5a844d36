#include "scm/hooks/github_fields.h"

#include <fmt/format.h>

namespace kiln::scm {

const json::object* object_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->as_string());
}

bool flag_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::string repo_id(const json::object& repository) {
  const json::value* id = repository.if_contains("id");
  if (id == nullptr) return {};
  if (id->is_int64()) return std::to_string(id->as_int64());
  if (id->is_uint64()) return std::to_string(id->as_uint64());
  return {};
}

namespace {

bool is_commit_id(const std::string& id) {
  return (id.size() == 40 || id.size() == 64) &&
         id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<std::string> commit_at(const json::object& event, std::string_view name) {
  std::string id = text_at(event, name);
  if (!is_commit_id(id))
    return fail(Errc::invalid, fmt::format("{} is not a commit id", name), std::string(name));
  return id.find_first_not_of('0') == std::string::npos ? std::string() : id;
}

}  // namespace kiln::scm
