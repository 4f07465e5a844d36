#include "runner/limit_words.h"

#include <fmt/format.h>

#include "base/sizes.h"

namespace kiln::runner {
namespace {

std::string count(std::uint64_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

}  // namespace

std::vector<std::string> harm_lines(const Harm& harm, const Limits& limits) {
  std::vector<std::string> lines;
  if (harm.memory_kills > 0) {
    const bool all = harm.whole_build && !harm.disk_over && !harm.host_disk_low;
    lines.push_back(fmt::format("Memory limit of {} reached: the kernel ended {} of this build{}.",
                                size_words(limits.memory), count(harm.memory_kills, "process", "processes"),
                                all ? ", and the build with it" : ""));
  }
  if (harm.network_lost) {
    lines.emplace_back(
        harm.memory_kills > 0
            ? "The build's network stack ended too: from then on the build reached nothing outside."
            : "Warning: the build's network stack ended before the build, which then reached nothing "
              "outside.");
  }
  if (harm.forks_refused > 0) {
    lines.push_back(fmt::format("Processes limit of {} reached: the kernel refused to start another {}.",
                                limits.processes, count(harm.forks_refused, "time", "times")));
  }
  if (harm.disk_full) {
    lines.push_back(
        fmt::format("Disk limit of {} reached: the build's disk is full.", size_words(limits.disk)));
  } else if (harm.files_full) {
    lines.push_back(fmt::format("Disk limit of {} reached: the build's disk has no room for another file.",
                                size_words(limits.disk)));
  }
  if (harm.host_disk_low) {
    lines.push_back(
        fmt::format("Free disk of the runner's machine fell below half of its floor of {} "
                    "(runner.min_free_disk): the build that held most of it, this one, was ended.",
                    size_words(limits.min_free_disk)));
  }
  if (harm.disk_over) {
    lines.push_back(
        fmt::format("Disk limit of {} exceeded: the build was ended. On this machine the limit is looked at "
                    "now and then, not enforced.",
                    size_words(limits.disk)));
  }
  return lines;
}

std::optional<std::string> ended_by(const Harm& harm, const Limits& limits) {
  if (!harm.whole_build) return std::nullopt;
  if (harm.host_disk_low)
    return fmt::format("floor of {} of free disk on the host", size_words(limits.min_free_disk));
  if (harm.disk_over) return fmt::format("disk limit of {}", size_words(limits.disk));
  return fmt::format("memory limit of {}", size_words(limits.memory));
}

std::optional<std::string> usage_line(const Usage& usage) {
  std::string most;
  if (usage.memory_peak) most = size_words(*usage.memory_peak) + " of memory";
  if (usage.processes_peak) {
    most += fmt::format("{}{}", most.empty() ? "" : " and ",
                        count(*usage.processes_peak, "process", "processes"));
  }
  std::string line = most.empty() ? std::string() : fmt::format("at most {}", most);
  if (usage.cpu_us) {
    line += fmt::format("{}{:.1f} s of CPU time", line.empty() ? "" : ", ",
                        static_cast<double>(*usage.cpu_us) / 1e6);
  }
  if (line.empty()) return std::nullopt;
  if (usage.written) line += "; wrote " + size_words(*usage.written);
  return fmt::format("Used {}.", line);
}

model::BuildUsage to_tell(const Usage& usage) {
  const auto number = [](const std::optional<std::uint64_t>& value, std::uint64_t unit) {
    return value ? std::optional(static_cast<std::int64_t>(*value / unit)) : std::nullopt;
  };
  return {.memory_peak = number(usage.memory_peak, 1),
          .cpu_ms = number(usage.cpu_us, 1'000),
          .written = number(usage.written, 1),
          .processes_peak = number(usage.processes_peak, 1)};
}

}  // namespace kiln::runner
