// What the system says of this process, under the names that every exporter uses. Any thread.
#pragma once

#include <vector>

#include "metrics/reading.h"

namespace kiln::metrics {

// Adds what can be read.
void read_process(std::vector<Reading>& out);

}  // namespace kiln::metrics
