#include "scm/forge/fields.h"

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

const json::object* object_at(const json::object& object, std::initializer_list<std::string_view> path) {
  const json::object* at = &object;
  for (const std::string_view name : path) {
    if (at != nullptr) at = object_at(*at, name);
  }
  return at;
}

const json::array* array_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->as_int64();
}

std::string scalar_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  return value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string scalar_at(const json::value& value, std::string_view name) {
  const json::object* object = value.if_object();
  return object == nullptr ? std::string() : scalar_at(*object, name);
}

}  // namespace kiln::scm
