// What an account of this server has, as a set-up, with the ids by which its API knows each. One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/result.h"
#include "cli/server.h"
#include "cli/set_up/set_up.h"

namespace kiln::cli {

struct Here {
  AccountSetUp set_up;
  std::map<std::pair<std::string, std::string>, std::string> ids;  // of a type and a name
  std::set<std::string> uploaded;                                  // Workers that have a version
};

// Errors: those of asking.
[[nodiscard]] Result<Here> read_here(Server& server);

}  // namespace kiln::cli
