// Reading members of JSON that may be missing or of any type: of deliveries, and of what APIs answer. What is
// not there, or not of the type, is null, empty, false or nothing. Pure; any thread. Only for scm/forge.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::scm {

namespace json = boost::json;

[[nodiscard]] const json::object* object_at(const json::object& object, std::string_view name);
// Down a path: {"links", "html"}.
[[nodiscard]] const json::object* object_at(const json::object& object,
                                            std::initializer_list<std::string_view> path);
[[nodiscard]] const json::array* array_at(const json::object& object, std::string_view name);
[[nodiscard]] std::string text_at(const json::object& object, std::string_view name);
[[nodiscard]] bool flag_at(const json::object& object, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> number_at(const json::object& object, std::string_view name);

// A text as it is or a whole number in digits: hosts differ in which of them an id is.
[[nodiscard]] std::string scalar_at(const json::object& object, std::string_view name);
// Of what may be no object at all.
[[nodiscard]] std::string scalar_at(const json::value& value, std::string_view name);

}  // namespace kiln::scm
