// Answers that come as lines of JSON while the server works. One thread.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

// Hands each line over as it comes; an error of `take` is the answer. Errors: the server's refusal;
// Errc::unavailable when the answer ends before a line with "done".
[[nodiscard]] Status each_line(Server& server, const std::string& method, const std::string& path,
                               const std::function<Status(const boost::json::value&)>& take);

}  // namespace kiln::cli
