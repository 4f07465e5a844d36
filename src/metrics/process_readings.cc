#include "metrics/process_readings.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/fs.h"
#include "base/strings.h"

namespace kiln::metrics {
namespace {

constexpr std::size_t kLargestStat = 64U << 10U;

double number_in(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The fields of /proc/self/stat behind the name, which is in brackets and may hold anything; proc(5) counts
// the first of them as 3.
std::vector<std::string> stat_fields() {
  const Result<std::string> stat = read_file("/proc/self/stat", kLargestStat);
  const std::size_t name_end = stat ? stat->rfind(") ") : std::string::npos;
  if (name_end == std::string::npos) return {};
  return split(std::string_view(*stat).substr(name_end + 2), ' ');
}

// Seconds since the epoch at which the machine was started; 0: not known.
double booted_at() {
  const Result<std::string> stat = read_file("/proc/stat", 16U << 20U);
  if (!stat) return 0;
  const std::size_t at = stat->find("\nbtime ");
  return at == std::string::npos ? 0 : number_in(std::string_view(*stat).substr(at + 7));
}

}  // namespace

void read_process(std::vector<Reading>& out) {
  const auto add = [&out](const char* name, const char* help, double value, bool counter = false) {
    out.push_back({name, help, {{value, {}}}, counter});
  };
  constexpr std::size_t first = 3;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  if (const std::vector<std::string> fields = stat_fields(); fields.size() > 24 - first) {
    const auto field = [&](std::size_t number) { return number_in(fields[number - first]); };
    add("process_cpu_seconds_total", "User and system CPU time of the server.",
        (field(14) + field(15)) / ticks, true);
    add("process_threads", "Threads of the server.", field(20));
    add("process_virtual_memory_bytes", "Virtual memory of the server.", field(23));
    add("process_resident_memory_bytes", "Resident memory of the server.", field(24) * page);
    static const double booted = booted_at();
    if (booted > 0)
      add("process_start_time_seconds", "Start of the server, since the epoch.", booted + field(22) / ticks);
  }
  std::error_code error;
  double open = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error))
    ++open;
  if (!error) add("process_open_fds", "Descriptors that the server has open.", open);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    add("process_max_fds", "Descriptors that the server may have open.", static_cast<double>(limit.rlim_cur));
}

}  // namespace kiln::metrics
