#include "runner/doctor/doctor.h"

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/strings.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kLongest = 60;

}  // namespace

std::vector<Row> examine(const Options& options, Processes& processes) {
  std::vector<Row> rows;
  examine_sandbox(options, processes, rows);
  examine_limits(options, rows);
  examine_tools(options, processes, rows);
  return rows;
}

std::string first_line_of(Processes& processes, std::vector<std::string> argv) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  const char* path = std::getenv("PATH");
  spec.environment = {std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin"), "LC_ALL=C"};
  spec.timeout_ms = 10'000;
  const Result<ProcessEnd> end = processes.run(spec);
  if (!end || !end->ok()) return {};
  const std::string text = to_valid_utf8(end->out);
  const std::string line(trim(text.substr(0, text.find('\n'))));
  // curl names every library after its own version.
  return line.size() <= kLongest ? line : line.substr(0, line.rfind(' ', kLongest));
}

int run_doctor(const Options& options) {
  SystemProcesses processes;
  const std::vector<Row> rows = examine(options, processes);
  std::printf("%s\n", boost::json::serialize(rows_json(rows)).c_str());
  return builds_can_run(rows) ? 0 : 1;
}

}  // namespace kiln::runner
