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
  if (const Status wrote = write_all(file, bytes, "a file in memory"); !wrote)
    return tl::unexpected<Error>(wrote.error());
  if (lseek(file.get(), 0, SEEK_SET) != 0) return error("rewinding");
  return file;
}

}  // namespace kiln
