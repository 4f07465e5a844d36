// What a tail shows of a request. Pure function: any thread.
#pragma once

#include <string_view>

#include "http/head.h"
#include "workers/tails.h"

namespace kiln::serving {

// Without what only the Worker may see: credentials and cookies, and Kiln's own headers. `secure`: it came
// over https.
[[nodiscard]] workers::TailedRequest tailed_request(const http::Head& head, bool secure);

}  // namespace kiln::serving
