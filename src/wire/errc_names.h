// The names that errors carry between the runner and the server. One table, both ways. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace kiln::wire {

[[nodiscard]] std::string_view errc_name(Errc code);
[[nodiscard]] std::optional<Errc> errc_of_name(std::string_view name);
// What a status means when the body does not say.
[[nodiscard]] Errc errc_of_http_status(int status);

}  // namespace kiln::wire
