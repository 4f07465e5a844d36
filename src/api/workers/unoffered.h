// What the hosted platform offers and Kiln does not, by the paths where clients ask for it. Pure function:
// any thread.
#pragma once

#include <string_view>

namespace kiln::api {

// One sentence for people, naming the thing and what to do, when the path belongs to something that Kiln does
// not offer; else empty. Clients print it.
[[nodiscard]] std::string_view unoffered(std::string_view path);

}  // namespace kiln::api
