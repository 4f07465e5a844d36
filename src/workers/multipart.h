// multipart/form-data bodies (RFC 7578) taken apart without copying their content. Strict; what stands
// before the first boundary or behind the last is no part and is left unread (RFC 2046 5.1.1). Pure
// functions: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kiln::workers {

struct Part {
  std::string name;  // decoded (%22, %0D, %0A)
  std::optional<std::string> filename;
  std::string content_type;  // empty: none given
  std::string_view content;  // into the body, which must outlive the part
};

inline constexpr std::size_t kMaxParts = 4096;

// Parts in order; names may repeat. Errors: Errc::invalid with the place in words.
[[nodiscard]] Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body);

// The part of that name, or nothing.
[[nodiscard]] const Part* find_part(const std::vector<Part>& parts, std::string_view name);

}  // namespace kiln::workers
