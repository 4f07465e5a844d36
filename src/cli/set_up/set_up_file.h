// A set-up as the JSON that `kiln export` prints and `kiln import file` takes: {"format", "version",
// "resources": [{"type", "name", "attributes"}], "left_out": [{"type", "name", "why", "command"}]}. Pure; any
// thread.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"
#include "cli/set_up/set_up.h"

namespace kiln::cli {

[[nodiscard]] boost::json::value set_up_json(const AccountSetUp& set_up);
[[nodiscard]] boost::json::value left_over_json(const std::vector<LeftOver>& left_over);

// The other way, with the resources in the order in which they can be made. Errors: Errc::invalid naming the
// resource and what is wrong with it: its attributes (check()), a name that two of a type have, a reference
// to what is not in the file.
[[nodiscard]] Result<AccountSetUp> read_set_up(std::string_view text);

}  // namespace kiln::cli
