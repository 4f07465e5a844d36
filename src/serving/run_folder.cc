#include "serving/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/fs.h"
#include "base/log.h"
#include "base/strings.h"

namespace kiln::serving {
namespace {

namespace fs = std::filesystem;

// Strangers are kept out by the folder above; the process's own uid must read it.
constexpr mode_t kFileMode = 0444;
constexpr unsigned kFolderMode = 0755;

tl::unexpected<Error> file_failed(const fs::path& file) {
  return fail(errc_of(errno), fmt::format("{}: {}", file.string(), std::strerror(errno)));
}

Status copy_blob(const fs::path& blob, const fs::path& target) {
  std::error_code error;
  fs::copy_file(blob, target, error);
  if (error)
    return fail(errc_of(error.value()), fmt::format("copying {}: {}", blob.string(), error.message()));
  if (chmod(target.c_str(), kFileMode) != 0) return file_failed(target);
  return {};
}

Status link_or_copy(const fs::path& blob, const fs::path& target) {
  struct stat status {};
  if (stat(blob.c_str(), &status) != 0) return file_failed(blob);
  // A blob never changes, and its folder is closed to strangers.
  const bool readable = (status.st_mode & 0777U) == kFileMode || chmod(blob.c_str(), kFileMode) == 0;
  if (readable && link(blob.c_str(), target.c_str()) == 0) return {};
  if (readable && errno == EEXIST) return fail(Errc::script_invalid, "Two files have the same path.");
  return copy_blob(blob, target);
}

}  // namespace

Result<RunFolder> RunFolder::make(fs::path path) {
  if (const Status gone = remove_tree(path); !gone) return tl::unexpected<Error>(gone.error());
  RunFolder folder(std::move(path));
  for (const fs::path& made : {folder.path_, folder.path_ / "parts", folder.path_ / "assets"}) {
    if (const Status done = make_directory(made, kFolderMode); !done)
      return tl::unexpected<Error>(done.error());
  }
  return folder;
}

RunFolder& RunFolder::operator=(RunFolder&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::move(other.path_);
    other.path_.clear();
  }
  return *this;
}

void RunFolder::remove() {
  if (path_.empty()) return;
  if (const Status gone = remove_tree(path_); !gone)
    log::warn("removing a Worker's files: {}", gone.error().message);
  path_.clear();
}

Status RunFolder::write_part(std::size_t number, std::string_view bytes) const {
  const fs::path file = path_ / "parts" / std::to_string(number);
  const Fd out(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!out) return file_failed(file);
  if (Status wrote = write_all(out, bytes, file); !wrote) return wrote;
  if (fchmod(out.get(), kFileMode) != 0) return file_failed(file);
  return {};
}

Status RunFolder::link_part(std::size_t number, const fs::path& blob) const {
  return link_or_copy(blob, path_ / "parts" / std::to_string(number));
}

Status RunFolder::link_asset(std::string_view path, const fs::path& blob) const {
  const std::vector<std::string> names = split(path.empty() ? path : path.substr(1), '/');
  fs::path folder = path_ / "assets";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (name.empty() || name == "." || name == ".." || name.size() > 255)
      return fail(Errc::script_invalid, fmt::format("The asset {} has a path that no file can have.", path));
    if (i + 1 == names.size()) break;
    folder /= name;
    if (mkdir(folder.c_str(), kFolderMode) == 0) {
      if (chmod(folder.c_str(), kFolderMode) != 0) return file_failed(folder);
    } else if (errno != EEXIST) {
      return file_failed(folder);
    }
  }
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(Errc::script_invalid, fmt::format("The asset {} lies below another asset.", path));
  const fs::path target = folder / names.back();
  if (fs::is_directory(target, error))
    return fail(Errc::script_invalid, fmt::format("The asset {} has other assets below it.", path));
  return link_or_copy(blob, target);
}

}  // namespace kiln::serving
