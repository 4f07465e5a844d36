#include "app/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace kiln::app {

Result<DataDir> DataDir::open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return fail(Errc::io, fmt::format("data directory {}: {}", path.string(), error.message()));
  for (const std::filesystem::path& folder :
       {absolute, absolute / "blobs", absolute / "mirrors", absolute / "runner"}) {
    if (Status made = make_directory(folder, 0700); !made)
      return context(made.error(), "preparing the data directory");
  }
  const std::filesystem::path lock_file = absolute / "lock";
  Fd lock(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return fail(Errc::io, fmt::format("opening {}: {}", lock_file.string(), std::strerror(errno)));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::conflict,
                fmt::format("a Kiln server runs on {} already; stop it first, or choose another "
                            "--data-dir",
                            absolute.string()));
  }
  return DataDir(absolute, std::move(lock));
}

}  // namespace kiln::app
