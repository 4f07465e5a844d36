// A delivery and its verdicts, as the API's JSON has them, in words for people. Internal to cli. Pure; any
// thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/print.h"

namespace kiln::cli {

// One row of `kiln deliveries`, which fits 80 columns, and its heading.
[[nodiscard]] std::vector<Cell> deliveries_heading();
[[nodiscard]] std::vector<Cell> deliveries_row(const boost::json::value& delivery, TimeMs now);

// What came, each trigger's verdict with the rule that decided, and the notes.
[[nodiscard]] std::string delivery_words(Style style, const boost::json::value& delivery, TimeMs now);

// A build that the delivery could have led to and did not.
struct Unbuilt {
  std::string trigger_uuid;
  std::string trigger_name;
  std::string worker_name;
  std::string branch;
  std::string commit;
  bool skipped = false;  // a build was recorded; else the trigger passed it over
};

// Of each Worker and ref that no trigger of the Worker built: what was skipped or passed over. Deleted refs,
// tags and pull requests of forks, whose builds are restricted, have none.
[[nodiscard]] std::vector<Unbuilt> unbuilt_of(const boost::json::value& delivery);

// The builds that it led to.
[[nodiscard]] std::vector<std::string> builds_of_delivery(const boost::json::value& delivery);

}  // namespace kiln::cli
