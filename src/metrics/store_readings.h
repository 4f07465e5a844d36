// What the store holds now, as readings. Pure function: any thread.
#pragma once

#include <vector>

#include "base/clock.h"
#include "metrics/reading.h"
#include "store/gauge_store.h"

namespace kiln::metrics {

void read_store(const store::Gauges& gauges, TimeMs now, std::vector<Reading>& out);

}  // namespace kiln::metrics
