// The files of one process on the host: parts/ (modules) and assets/, readable by the process alone through
// its sandbox. Made and removed by one thread at a time; blocks on disk. Gone with its owner.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace kiln::serving {

class RunFolder {
 public:
  // Makes `path` with its two empty folders; what stood there is removed. The folder around it must be closed
  // to strangers. Errors: Errc::io.
  [[nodiscard]] static Result<RunFolder> make(std::filesystem::path path);
  RunFolder(RunFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  RunFolder& operator=(RunFolder&& other) noexcept;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  ~RunFolder() { remove(); }

  // parts/<number>. The first writes it, the second shares the file of an immutable blob where it can.
  [[nodiscard]] Status write_part(std::size_t number, std::string_view bytes) const;
  [[nodiscard]] Status link_part(std::size_t number, const std::filesystem::path& blob) const;
  // assets/<path>; `path` begins with '/'. Errors: Errc::script_invalid when it cannot stand beside the
  // others (a file where a folder must be, a name that is too long).
  [[nodiscard]] Status link_asset(std::string_view path, const std::filesystem::path& blob) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void remove();

  std::filesystem::path path_;
};

}  // namespace kiln::serving
