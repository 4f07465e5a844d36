// Workers as people name them. One thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

// What the API says of a Worker: "id" is its tag, "name", "subdomain". Errors: Errc::worker_not_found in
// words that name the one that was probably meant.
[[nodiscard]] Result<boost::json::value> worker_named(Server& server, const std::string& name);

// The build that is meant: by its id, the beginning of that, or a Worker, whose newest it is. Errors:
// Errc::not_found; Errc::conflict when it is the beginning of several.
[[nodiscard]] Result<std::string> build_meant(Server& server, const std::string& given);

}  // namespace kiln::cli
