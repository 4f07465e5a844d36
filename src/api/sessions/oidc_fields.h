// Members of a provider's JSON, which may be missing or of any type. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace kiln::api::sessions {

// Empty for what is not there, or no text.
[[nodiscard]] inline std::string text_member(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace kiln::api::sessions
