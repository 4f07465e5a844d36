// The settings' [limits] table: what a build may use at most. The server checks it and the runner obeys it,
// both by the rules here. Values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kiln::model {

inline constexpr int kMostConcurrentBuilds = 900;  // of one runner

struct LimitSettings {
  std::optional<std::uint64_t> memory;  // bytes; nothing: 8 GiB, or 80 % of the machine's if that is less
  double cpus = 0;                      // 0: all, shared fairly between running builds
  std::uint64_t processes = 4'096;
  std::uint64_t disk = 20ULL << 30U;  // bytes
  std::uint64_t log = 64ULL << 20U;   // bytes of commands' output kept
  std::string disk_mode = "auto";     // auto, loop, poll or none
};

// A value as a settings file has it.
using SettingValue = std::variant<std::monostate, std::string, std::int64_t, double>;

[[nodiscard]] const std::vector<std::string>& limit_names();
// Sets the limit of that name, one of limit_names(). Answers what is allowed when the value does not fit,
// and nothing when it does.
[[nodiscard]] std::string set_limit(LimitSettings& settings, std::string_view name,
                                    const SettingValue& value);

}  // namespace kiln::model
