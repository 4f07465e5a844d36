// Triggers as people name them, with the names of their Workers. One thread. Internal to cli.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

// Every trigger of the account, as the API has it, with "worker_name" besides.
[[nodiscard]] Result<boost::json::array> all_triggers(Server& server);

// By a trigger's name or id, or the beginning of that, the one; by a Worker's name, all of it, which are
// never none. Errors: Errc::not_found, Errc::conflict when several are meant by an id's beginning or a name.
[[nodiscard]] Result<boost::json::array> triggers_meant(Server& server, const std::string& given);

// The same where only one will do. Errors: Errc::conflict, naming those of the Worker.
[[nodiscard]] Result<boost::json::value> trigger_meant(Server& server, const std::string& given);

// ".../triggers/{uuid}".
[[nodiscard]] std::string trigger_path(const Server& server, const boost::json::value& trigger);

// "Deploy main of shop", safe to show.
[[nodiscard]] std::string trigger_words(const boost::json::value& trigger);

}  // namespace kiln::cli
