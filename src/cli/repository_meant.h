// Connected repositories as people name them. One thread. Internal to cli.
#pragma once

#include <boost/json/array.hpp>
#include <string>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

[[nodiscard]] Result<boost::json::array> repositories_of(Server& server);

// The one that is meant by its address, its id or the beginning of that, or its name, with its owner's or
// without. Errors: Errc::not_found; Errc::conflict when several are meant.
[[nodiscard]] Result<boost::json::value> find_repository(Server& server, const std::string& given);

}  // namespace kiln::cli
