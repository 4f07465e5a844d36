// The JSON inside columns, in this room's own form. Pure functions, any thread; what does not parse was
// damaged on disk and is SqlError(SQLITE_CORRUPT).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/build.h"

namespace kiln::store::sqlite {

[[nodiscard]] std::string strings_to_json(const std::vector<std::string>& strings);
[[nodiscard]] std::vector<std::string> strings_from_json(std::string_view json);

// A secret variable's value is never written, whatever the caller left in it.
[[nodiscard]] std::string environment_to_json(const std::vector<model::EnvVar>& environment);
[[nodiscard]] std::vector<model::EnvVar> environment_from_json(std::string_view json);

[[nodiscard]] std::optional<std::string> pull_request_to_json(
    const std::optional<model::PullRequest>& request);
[[nodiscard]] std::optional<model::PullRequest> pull_request_from_json(std::string_view json);

// Only ever on its way into or out of the SecretBox.
[[nodiscard]] std::string secrets_to_json(const std::map<std::string, std::string>& secrets);
[[nodiscard]] std::map<std::string, std::string> secrets_from_json(std::string_view json);

[[nodiscard]] std::vector<model::LogLine> lines_from_json(std::string_view json);

}  // namespace kiln::store::sqlite
