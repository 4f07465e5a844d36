// How a running server is, for whoever looks after it: rows as `kiln doctor` shows them. Pure; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/gauge_store.h"

namespace kiln::app {

struct ServerLook {
  Status ready;
  std::optional<std::string> no_builds;  // why no runner takes any
  Result<store::Gauges> gauges = store::Gauges{};
  Result<std::int64_t> given_up = 0;       // reports to hosts that are not tried again
  std::optional<TimeMs> certificate_ends;  // of our own TLS, the first that does
  TimeMs now = 0;
  std::string metrics_url;  // empty: nobody may scrape
  bool traces = false;      // a collector is told of builds
};

[[nodiscard]] boost::json::array health_rows(const ServerLook& look);

}  // namespace kiln::app
