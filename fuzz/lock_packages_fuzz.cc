// Lock files of repositories: the first line names the file, the rest is its text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "project/lock_packages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most = 50;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  if (end == text.npos) return 0;
  const kiln::project::LockedPackages found =
      kiln::project::locked_packages(text.substr(0, end), text.substr(end + 1), most);
  if (found.packages.size() > most || found.named < static_cast<std::int64_t>(found.packages.size()))
    std::abort();
  for (const kiln::project::LockedPackage& one : found.packages) {
    if (one.name.empty() || one.version.empty()) std::abort();
  }
  return 0;
}
