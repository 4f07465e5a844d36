#include "runner/doctor/rows.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace kiln::runner {
namespace {

const char* word(Health health) {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::limited:
      return "limited";
    case Health::missing:
      return "missing";
  }
  return "";
}

}  // namespace

bool builds_can_run(const std::vector<Row>& rows) {
  return std::none_of(rows.begin(), rows.end(),
                      [](const Row& row) { return row.essential && row.health == Health::missing; });
}

boost::json::value rows_json(const std::vector<Row>& rows) {
  boost::json::array list;
  for (const Row& row : rows) {
    list.push_back({{"name", row.name},
                    {"state", word(row.health)},
                    {"found", row.found},
                    {"means", row.means},
                    {"todo", row.todo}});
  }
  return {{"builds_can_run", builds_can_run(rows)}, {"rows", std::move(list)}};
}

}  // namespace kiln::runner
