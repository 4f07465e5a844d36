// The JSON text of a GitHub delivery, out of either content type. Only for scm/hooks. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scm/hooks/github.h"

namespace kiln::scm {

inline constexpr std::size_t kDeepestPayload = 64;

// A view into `delivery.body`, or into `decoded` where the payload came as a form. Errors: Errc::invalid.
[[nodiscard]] Result<std::string_view> payload_text(const GithubDelivery& delivery, std::string& decoded);

}  // namespace kiln::scm
