#include "base/process_status.h"

#include <charconv>
#include <filesystem>
#include <fstream>

namespace kiln {

std::string status_of(pid_t process, std::string_view name) {
  std::ifstream in(std::filesystem::path("/proc") / std::to_string(process) / "status");
  for (std::string line; std::getline(in, line);) {
    if (line.size() > name.size() + 2 && line.starts_with(name) && line[name.size()] == ':')
      return line.substr(name.size() + 2);
  }
  return {};
}

pid_t parent_of(pid_t process) {
  const std::string digits = status_of(process, "PPid");
  pid_t parent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), parent);
  return parent;
}

}  // namespace kiln
