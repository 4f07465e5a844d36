// The JSON of a delivery, out of either content type: the body itself, or a form's field payload. Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scm/forge/hook_reader.h"

namespace kiln::scm {

inline constexpr std::size_t kDeepestPayload = 64;

// A view into the body, or into `decoded` where the payload came as a form. Errors: Errc::invalid.
[[nodiscard]] Result<std::string_view> payload_text(const HookRequest& request, std::string& decoded);

// Errors: Errc::invalid, field "body" or "payload".
[[nodiscard]] Result<boost::json::object> payload_of(const HookRequest& request);

}  // namespace kiln::scm
