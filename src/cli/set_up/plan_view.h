// A plan, and what became of it, as people and programs read it. One thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "cli/set_up/carry_out.h"
#include "cli/table.h"

namespace kiln::cli {

// A table with one line a resource, how many there are of each sort, and what is left to do with the command
// that settles it. No line is wider than `style` has room for, but for a word that is.
[[nodiscard]] std::string plan_text(Style style, const std::vector<DoneStep>& steps,
                                    const std::vector<LeftOver>& left_over, bool dry_run);

[[nodiscard]] boost::json::value plan_json(const std::vector<DoneStep>& steps,
                                           const std::vector<LeftOver>& left_over, bool dry_run);

// A command for a shell, quoted, its words put on further lines behind "\" where they do not fit.
[[nodiscard]] std::string command_text(const std::vector<std::string>& words, std::size_t width);

}  // namespace kiln::cli
