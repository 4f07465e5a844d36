// `kiln-runner --doctor`: what this machine can and cannot do for builds, found out by trying it, in a folder
// of its own that is gone afterwards. Changes no cgroup and leaves nothing. One thread, before any other.
#pragma once

#include <vector>

#include "base/process.h"
#include "runner/doctor/rows.h"
#include "runner/options.h"

namespace kiln::runner {

[[nodiscard]] std::vector<Row> examine(const Options& options, Processes& processes);

// The parts, each in the file of its name.
void examine_sandbox(const Options& options, Processes& processes, std::vector<Row>& rows);
void examine_limits(const Options& options, std::vector<Row>& rows);
void examine_tools(const Options& options, Processes& processes, std::vector<Row>& rows);

// The first line of what a program prints, or nothing when it cannot be run or fails.
[[nodiscard]] std::string first_line_of(Processes& processes, std::vector<std::string> argv);

// Prints rows_json(examine()) on standard output. Returns 0 when builds can run, else 1.
[[nodiscard]] int run_doctor(const Options& options);

}  // namespace kiln::runner
