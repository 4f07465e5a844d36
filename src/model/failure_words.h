// Why a command failed, as far as what it printed tells: the words of well-known tools, recognised, in one
// short clause for people ("lock file out of step with package.json"). And which lines of a log look like the
// beginning of an error. Nothing is decided by either. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::model {

// `output`: lines with a line feed behind each, the last that the command printed; may have colours. Empty
// when nothing in it is recognised.
[[nodiscard]] std::string why_it_failed(std::string_view output);

// `line` without colours.
[[nodiscard]] bool looks_like_an_error(std::string_view line);

}  // namespace kiln::model
