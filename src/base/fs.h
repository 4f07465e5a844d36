// The door to files, for what more than one room needs. Functions keep no state: any thread; they block on
// disk. Errors are those of errc_of() with the path and the system's words, Errc::not_found where the file is
// absent.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln {

// The code of a system call that failed with this errno, or of a std::error_code's value: Errc::disk_full
// (the disk's end, or a quota's), else Errc::io.
[[nodiscard]] Errc errc_of(int error_number);

// The whole file. Errors: also Errc::too_large above `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes);

// Replaces `file` whole or not at all: a temporary beside it, fdatasync, rename, fsync of the folder. After
// success the bytes survive kill -9 and power loss.
[[nodiscard]] Status write_file_durably(const std::filesystem::path& file, std::string_view bytes,
                                        unsigned mode);

// Absent is success. After success it stays away, whatever happens to the machine.
[[nodiscard]] Status remove_file_durably(const std::filesystem::path& file);

// Whether so much can be written where `folder` is: tried, not asked for, so that quotas and what is kept for
// root count. Errors: Errc::disk_full.
[[nodiscard]] Status check_room(const std::filesystem::path& folder, std::size_t bytes);

// Makes the folder and its parents; the last one gets `mode` exactly, whatever the umask.
[[nodiscard]] Status make_directory(const std::filesystem::path& folder, unsigned mode);

// Removes a tree that hostile code may have shaped: never follows a symlink, opens up folders of mode 000,
// copes with any depth. Absent is success. Nothing may be writing to the tree meanwhile.
[[nodiscard]] Status remove_tree(const std::filesystem::path& root);

// An owned file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

// Writes all of it. `file` is what an error calls the descriptor.
[[nodiscard]] Status write_all(const Fd& to, std::string_view bytes, const std::filesystem::path& file);

// What `path` names, seen from the open folder `from` unless it is absolute, with no link anywhere on the
// way: opened with these flags of open(2) and O_CLOEXEC. None, with errno ELOOP, where there is a link. For
// paths that others may shape (openat2(2)).
[[nodiscard]] Fd open_without_links(const std::filesystem::path& path, int flags, const Fd& from = {});

// A new file in `folder` that has no name there and is gone when it is closed, readable and writable.
[[nodiscard]] Result<Fd> open_unnamed_file(const std::filesystem::path& folder);

}  // namespace kiln
