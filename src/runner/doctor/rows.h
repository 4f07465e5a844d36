// What the doctor found out, one row a subject. Values; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace kiln::runner {

enum class Health {
  ok,
  limited,  // builds run, with less of something
  missing,  // not there at all
};

struct Row {
  std::string name = {};
  Health health = Health::ok;
  std::string found = {};  // what is there, or what refused
  std::string means = {};  // for builds
  std::string todo = {};   // empty: nothing
  bool essential = false;  // no build can run while it is missing
};

[[nodiscard]] bool builds_can_run(const std::vector<Row>& rows);

// {"builds_can_run": true, "rows": [{name, state, found, means, todo}…]}, state "ok", "limited" or "missing".
[[nodiscard]] boost::json::value rows_json(const std::vector<Row>& rows);

}  // namespace kiln::runner
