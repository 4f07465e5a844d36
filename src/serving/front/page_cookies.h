// The cookies of Kiln's own page, which browsers send to Workers too where both share a host name, since
// cookies ignore ports. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::serving {

// The value of a Cookie field without them; empty when nothing else is in it.
[[nodiscard]] std::string without_page_cookies(std::string_view cookies);

}  // namespace kiln::serving
