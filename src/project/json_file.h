// JSON files of a repository, which people write by hand and anybody may have broken on purpose. Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::project {

enum class JsonForm { strict, with_comments };

// The object in `text`; `with_comments` also allows comments and trailing commas. Of a key that stands twice
// the last counts, as in the programs that read these files. Errors: Errc::invalid, "<file>, line 3: …".
[[nodiscard]] Result<boost::json::object> parse_json_file(const std::string& file, std::string_view text,
                                                          JsonForm form);

}  // namespace kiln::project
