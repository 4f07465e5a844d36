// Port: how much of each kind waits or is under way now, for whoever watches the server. Owned by app; one
// snapshot a call, whose cost does not grow with history; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::store {

struct Gauges {
  std::int64_t waiting = 0;              // builds that a runner may have
  std::optional<TimeMs> oldest_waiting;  // when the first of them was made
  std::int64_t unapproved = 0;           // builds that wait for a maintainer
  std::int64_t running = 0;              // builds that a runner has
  std::int64_t outbox = 0;               // moves that are not handed on yet
  std::optional<TimeMs> oldest_outbox;   // when the first of them was made
  // Since when the first is due that waits.
  std::optional<TimeMs> oldest_report;
  std::optional<TimeMs> oldest_sink_delivery;
  std::int64_t traces = 0;  // builds that the collector has not been told of yet
};

class GaugeStore {
 public:
  virtual ~GaugeStore() = default;

  [[nodiscard]] virtual Result<Gauges> gauges() = 0;
};

}  // namespace kiln::store
