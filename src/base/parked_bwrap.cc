#include "base/parked_bwrap.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/process_status.h"

namespace kiln {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestCommand = 64U << 10U;

std::optional<pid_t> number(std::string_view digits) {
  pid_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool is_bwrap(pid_t process) {
  return status_of(process, "Name") == "bwrap";
}

// The first process of a pid namespace below ours, still bubblewrap, and its parent is not.
bool is_parked(pid_t process, std::string_view program) {
  if (!is_bwrap(process)) return false;
  const std::string pids = status_of(process, "NSpid");
  const std::size_t tab = pids.rfind('\t');
  if (tab == std::string::npos || std::string_view(pids).substr(tab + 1) != "1") return false;
  const pid_t parent = parent_of(process);
  if (parent == 0 || is_bwrap(parent)) return false;
  const std::string words =
      read_file(fs::path("/proc") / std::to_string(process) / "cmdline", kLongestCommand).value_or("");
  return words.find('\0' + std::string(program) + '\0') != std::string::npos;
}

}  // namespace

int end_parked_bwraps(std::string_view program) {
  int ended = 0;
  std::error_code ec;
  for (fs::directory_iterator entry("/proc", ec), end; !ec && entry != end; entry.increment(ec)) {
    const std::optional<pid_t> process = number(entry->path().filename().string());
    if (!process || !is_parked(*process, program)) continue;
    // The handle first, then once more the question: numbers are given again.
    const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, *process, 0)));
    if (handle && is_parked(*process, program) &&
        syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0) == 0)
      ++ended;
  }
  return ended;
}

}  // namespace kiln
