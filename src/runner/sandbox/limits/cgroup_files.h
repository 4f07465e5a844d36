// The kernel's small control files, read and written. Errors are errno values; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runner {

// The whole file, or nothing.
[[nodiscard]] std::optional<std::string> read_control(const std::filesystem::path& file);
// One write of an existing file; 0 or the errno.
[[nodiscard]] int write_control(const std::filesystem::path& file, std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> read_number(const std::filesystem::path& file);
// The number behind `key` in lines of "key number".
[[nodiscard]] std::optional<std::uint64_t> read_entry(const std::filesystem::path& file,
                                                      std::string_view key);
// Process numbers of a cgroup.procs, without the zeros that stand for processes of other pid namespaces: a
// signal to 0 would be one to ourselves.
[[nodiscard]] std::vector<int> read_processes(const std::filesystem::path& file);

}  // namespace kiln::runner
