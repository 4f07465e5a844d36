#include "base/memory_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/child.h"

namespace kiln {

Result<Fd> memory_file(std::string_view bytes) {
  const auto error = [](const char* doing) {
    return fail(Errc::io, fmt::format("{} a file in memory: {}", doing, std::strerror(errno)));
  };
  Fd file = moved_up(memfd_create("kiln", MFD_CLOEXEC));
  if (!file) return error("making");
  while (!bytes.empty()) {
    const ssize_t wrote = write(file.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return error("writing");
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (lseek(file.get(), 0, SEEK_SET) != 0) return error("rewinding");
  return file;
}

}  // namespace kiln
