// Edits of secrets as request bodies hold them. Pure functions: any thread. No message repeats a text.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::api {

using SecretChanges = std::map<std::string, std::optional<std::string>>;  // name → text, or nothing: remove

// The text of {"type":"secret_text","text":…}, or nothing for null. Errors: Errc::invalid,
// Errc::binding_unsupported for another type.
[[nodiscard]] Result<std::optional<std::string>> secret_text_of(const boost::json::value& value);

// {"NAME":{"type","text"} or null,…} below `key`. Errors: the same.
[[nodiscard]] Result<SecretChanges> secret_changes_of(const boost::json::object& body, std::string_view key);

}  // namespace kiln::api
