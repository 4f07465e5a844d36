#include "runner/sandbox/limits/cgroup_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/fs.h"
#include "base/strings.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kLargest = 4U << 20U;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<std::string> read_control(const std::filesystem::path& file) {
  Result<std::string> text = read_file(file, kLargest);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

int write_control(const std::filesystem::path& file, std::string_view text) {
  const Fd opened(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!opened) return errno;
  return write(opened.get(), text.data(), text.size()) < 0 ? errno : 0;
}

std::optional<std::uint64_t> read_number(const std::filesystem::path& file) {
  const std::optional<std::string> text = read_control(file);
  return text ? number_of(trim(*text)) : std::nullopt;
}

std::optional<std::uint64_t> read_entry(const std::filesystem::path& file, std::string_view key) {
  const std::optional<std::string> text = read_control(file);
  if (!text) return std::nullopt;
  for (const std::string& line : split(*text, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      return number_of(std::string_view(line).substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

std::vector<int> read_processes(const std::filesystem::path& file) {
  std::vector<int> processes;
  const std::optional<std::string> text = read_control(file);
  for (const std::string& line : split(text.value_or(""), '\n')) {
    const auto number = number_of(line);
    if (number && *number > 0) processes.push_back(static_cast<int>(*number));
  }
  return processes;
}

}  // namespace kiln::runner
