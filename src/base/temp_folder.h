// A folder of one process (and those that it starts) below the system's temporary one, gone with its owner.
// What an owner that was killed left behind is removed by the next one of the same kind. Belongs to one
// thread.
//
// Whoever lives holds the lock on its folder; the kernel lets go of it at the end, whatever that was. Only
// folders of this user are looked at, and none that somebody holds.
#pragma once

#include <filesystem>
#include <string>

#include "base/fs.h"

namespace kiln {

// TMPDIR, or /tmp. Errors: Errc::io when that is no folder.
[[nodiscard]] Result<std::filesystem::path> temporary_place();

class TempFolder {
 public:
  // `kind`.XXXXXX below `place`, with this mode. Errors: Errc::io, Errc::disk_full.
  [[nodiscard]] static Result<TempFolder> make(const std::filesystem::path& place, const std::string& kind,
                                               unsigned mode);
  TempFolder(TempFolder&&) = default;
  TempFolder& operator=(TempFolder&&) = delete;
  ~TempFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Programs that are started from here on hold the folder too, until they end.
  [[nodiscard]] Status share_with_children() const;

 private:
  TempFolder(std::filesystem::path path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  Fd lock_;  // none: moved from
};

}  // namespace kiln
