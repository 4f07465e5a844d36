// What is read at a scrape and belongs to nobody's counters: one value of now a series. Values; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace kiln::metrics {

using Labels = std::map<std::string, std::string>;

struct Sample {
  double value = 0;
  Labels labels{};
};

// One metric. A counter's name ends in _total, any other's in its unit.
struct Reading {
  std::string name;
  std::string help;
  std::vector<Sample> samples;
  bool counter = false;
};

}  // namespace kiln::metrics
