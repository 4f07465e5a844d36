// A build of the API's lists as rows of a table. Pure; any thread. Internal to cli.
#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "cli/print.h"

namespace kiln::cli {

[[nodiscard]] Row builds_heading();

// One row, and below it, of what is not over and of what did not succeed, the sentence that says why.
void add_build_rows(std::vector<Row>& rows, const boost::json::value& build, TimeMs now);

// "  the sentence", as a row of its own; nothing for an empty one.
void add_note(std::vector<Row>& rows, std::string_view sentence);

}  // namespace kiln::cli
