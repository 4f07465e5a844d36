#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "runner/sandbox/limits/keeper.h"

namespace kiln::runner {
namespace {

constexpr std::chrono::milliseconds kLookAtLock{20};

}  // namespace

Result<RootLock> RootLock::take(const std::filesystem::path& root, std::chrono::milliseconds patience) {
  const std::filesystem::path name = root / "lock";
  Fd file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file || fchmod(file.get(), 0600) != 0)
    return fail(Errc::io, fmt::format("opening {}: {}", name.string(), std::strerror(errno)));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return fail(Errc::io, fmt::format("locking {}: {}", name.string(), std::strerror(errno)));
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return fail(Errc::conflict,
                  fmt::format("another runner works in {}; give each a --root of its own", root.string()));
    }
    std::this_thread::sleep_for(kLookAtLock);
  }
  return RootLock(std::move(file));
}

}  // namespace kiln::runner
