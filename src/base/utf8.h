// Whether bytes are UTF-8; strings.h mends those that are not. A pure function: any thread.
#pragma once

#include <string_view>

namespace kiln {

// RFC 3629: no surrogates, nothing overlong, nothing beyond U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view bytes);

}  // namespace kiln
