// What the API says of versions and deployments, in words, and the builds behind them. One thread. Internal
// to cli.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

// ".../scripts/{name}/versions" and the like.
[[nodiscard]] std::string script_path(const Server& server, const std::string& worker, const char* what);

// A Worker's deployments, newest first: those that the API gives, ten at most. Errors:
// Errc::worker_not_found in words that name what was meant.
[[nodiscard]] Result<boost::json::array> deployments_of(Server& server, const std::string& worker);

// The account's builds of these versions, by version id.
[[nodiscard]] Result<boost::json::object> builds_of(Server& server, const std::string& builds_path,
                                                    const std::vector<std::string>& version_ids);

// An annotation such as "workers/message"; empty: it has none.
[[nodiscard]] std::string annotation_of(const boost::json::value& thing, std::string_view name);

// "12.5 %".
[[nodiscard]] std::string percent_words(const boost::json::value& target);
// "1f2e3d4c", or "1f2e3d4c 90 %, 5a6b7c8d 10 %"; "nothing" of none.
[[nodiscard]] std::string targets_words(const boost::json::array& targets);

}  // namespace kiln::cli
