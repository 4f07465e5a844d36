#include "scm/git/ssh_files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/fs.h"
#include "base/strings.h"

namespace kiln::scm {
namespace {

constexpr const char* kInMemory = "/dev/shm";
constexpr const char* kFolderKind = "kiln-ssh";

Status write_private(const std::filesystem::path& file, std::string_view bytes) {
  const Fd made(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made) return fail(errc_of(errno), fmt::format("making {}: {}", file.string(), std::strerror(errno)));
  return write_all(made, bytes, file);
}

Result<TempFolder> make_folder(const std::filesystem::path& fallback) {
  if (Result<TempFolder> made = TempFolder::make(kInMemory, kFolderKind, 0700)) return made;
  if (const Status there = make_directory(fallback, 0700); !there)
    return tl::unexpected<Error>(there.error());
  return TempFolder::make(fallback, kFolderKind, 0700);
}

}  // namespace

Result<SshFiles> SshFiles::write(const model::SshAccess& access, const std::filesystem::path& fallback) {
  SshFiles files;
  if (access.empty()) return files;
  Result<TempFolder> folder = make_folder(fallback);
  if (!folder) return tl::unexpected<Error>(folder.error());
  files.folder_.emplace(std::move(*folder));
  const std::filesystem::path place = files.folder_->path();
  for (std::size_t i = 0; i < access.keys.size(); ++i) {
    const std::filesystem::path file = place / fmt::format("key{}", i);
    if (const Status written = write_private(file, access.keys[i]); !written)
      return tl::unexpected<Error>(written.error());
    files.options_.push_back("-oIdentityFile=" + file.string());
  }
  if (!access.keys.empty())
    files.options_.insert(files.options_.end(), {"-oIdentitiesOnly=yes", "-oIdentityAgent=none"});
  if (access.host_keys.empty()) return files;
  std::string known;
  for (const std::string& key : split(access.host_keys, '\n')) {
    if (!key.empty()) known += fmt::format("{} {}\n", kHostAlias, key);
  }
  const std::filesystem::path file = place / "known_hosts";
  if (const Status written = write_private(file, known); !written)
    return tl::unexpected<Error>(written.error());
  files.options_.insert(files.options_.end(),
                        {"-oUserKnownHostsFile=" + file.string(), "-oGlobalKnownHostsFile=/dev/null",
                         "-oStrictHostKeyChecking=yes", "-oUpdateHostKeys=no", "-oCheckHostIP=no",
                         std::string("-oHostKeyAlias=") + kHostAlias});
  return files;
}

}  // namespace kiln::scm
