// What `build` and `retry` do once the server has queued a build. Internal to cli.
#pragma once

#include <boost/json/value.hpp>

#include "cli/context.h"
#include "cli/server.h"

namespace kiln::cli {

// Prints the new build and, when asked, follows it to its end.
[[nodiscard]] Status show_started(Context& context, Server& server, const boost::json::value& started,
                                  bool follow);

}  // namespace kiln::cli
