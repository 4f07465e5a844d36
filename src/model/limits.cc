#include "model/limits.h"

#include <fmt/format.h>

#include "base/sizes.h"

namespace kiln::model {
namespace {

constexpr std::uint64_t kLeastMemory = 64ULL << 20U;
constexpr std::uint64_t kLeastDisk = 16ULL << 20U;
constexpr std::uint64_t kMostDisk = 16ULL << 40U;  // what the file system of a build's disk can be
constexpr std::uint64_t kLeastLog = 1ULL << 10U;
constexpr std::uint64_t kMostBytes = 1ULL << 50U;
constexpr std::int64_t kLeastProcesses = 16;
constexpr std::int64_t kMostProcesses = 4'194'304;  // the kernel's own
constexpr double kLeastCpus = 0.05;
constexpr double kMostCpus = 1'024;

std::string take_size(const SettingValue& value, std::uint64_t least, std::uint64_t most,
                      std::uint64_t& into) {
  const auto* text = std::get_if<std::string>(&value);
  const Result<std::uint64_t> size =
      text == nullptr ? Result<std::uint64_t>(fail(Errc::invalid, {})) : parse_size(*text);
  if (!size || *size < least || *size > most) {
    return fmt::format("a size from \"{}\" to \"{}\", such as \"8GiB\"", size_words(least), size_words(most));
  }
  into = *size;
  return {};
}

std::string take_cpus(const SettingValue& value, double& into) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && *text == "all") {
    into = 0;
    return {};
  }
  double number = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) number = static_cast<double>(*whole);
  if (const auto* part = std::get_if<double>(&value)) number = *part;
  // Not a number compares false.
  if (!(number >= kLeastCpus && number <= kMostCpus)) {
    return fmt::format("\"all\" or a number from {} to {}", kLeastCpus, kMostCpus);
  }
  into = number;
  return {};
}

std::string take_disk_mode(const SettingValue& value, std::string& into) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || (*text != "auto" && *text != "loop" && *text != "poll" && *text != "none")) {
    return R"(one of "auto", "loop", "poll", "none")";
  }
  into = *text;
  return {};
}

}  // namespace

const std::vector<std::string>& limit_names() {
  static const std::vector<std::string> names = {"memory", "cpus", "processes", "disk", "disk_mode", "log"};
  return names;
}

std::string set_limit(LimitSettings& settings, std::string_view name, const SettingValue& value) {
  if (name == "memory") {
    std::uint64_t bytes = 0;
    std::string allowed = take_size(value, kLeastMemory, kMostBytes, bytes);
    if (allowed.empty()) settings.memory = bytes;
    return allowed;
  }
  if (name == "disk") return take_size(value, kLeastDisk, kMostDisk, settings.disk);
  if (name == "log") return take_size(value, kLeastLog, kMostBytes, settings.log);
  if (name == "cpus") return take_cpus(value, settings.cpus);
  if (name == "disk_mode") return take_disk_mode(value, settings.disk_mode);
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr || *number < kLeastProcesses || *number > kMostProcesses) {
    return fmt::format("a whole number from {} to {}", kLeastProcesses, kMostProcesses);
  }
  settings.processes = static_cast<std::uint64_t>(*number);
  return {};
}

}  // namespace kiln::model
