// What bubblewrap writes to --info-fd and --json-status-fd: {"child-pid": 123, …}. Pure; any thread.
#pragma once

#include <sys/types.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace kiln::runner {

[[nodiscard]] inline std::optional<pid_t> child_pid(std::string_view info) {
  constexpr std::string_view key = "\"child-pid\":";
  const std::size_t at = info.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = trim(info.substr(at + key.size()));
  pid_t pid = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), pid);
  return parsed.ec == std::errc() && pid > 1 ? std::optional(pid) : std::nullopt;
}

}  // namespace kiln::runner
