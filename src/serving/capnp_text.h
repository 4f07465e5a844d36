// Texts in the language of Cap'n Proto constants. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::serving {

// `text` as a quoted literal that stands for exactly these bytes, whatever they are.
[[nodiscard]] std::string capnp_quote(std::string_view text);

}  // namespace kiln::serving
