#include "base/durable_rename.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fs.h"

namespace kiln {

Status rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto failed = [&to](const char* doing) {
    return fail(errc_of(errno), fmt::format("{} {}: {}", doing, to.string(), std::strerror(errno)));
  };
  if (rename(from.c_str(), to.c_str()) != 0) return failed("renaming to");
  const std::filesystem::path folder = to.has_parent_path() ? to.parent_path() : ".";
  const Fd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || fsync(opened.get()) != 0) return failed("syncing the folder of");
  return {};
}

}  // namespace kiln
