// Reading a GitHub payload's members, which may be missing or of any type. Only for scm/hooks. Pure; any
// thread.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::scm {

namespace json = boost::json;

// What is not there, or not of the type, is null, empty or false.
[[nodiscard]] const json::object* object_at(const json::object& object, std::string_view name);
[[nodiscard]] std::string text_at(const json::object& object, std::string_view name);
[[nodiscard]] bool flag_at(const json::object& object, std::string_view name);

// The repository's immutable id as text; empty when it has none.
[[nodiscard]] std::string repo_id(const json::object& repository);

// A commit id, empty when it is all zeros. Errors: Errc::invalid.
[[nodiscard]] Result<std::string> commit_at(const json::object& event, std::string_view name);

}  // namespace kiln::scm
